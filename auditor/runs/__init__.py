"""Runs that are finished: their folders, and what can be asked of them without a scan."""
