"""Findings that a team knows and has decided to live with: they are reported and do not count."""
