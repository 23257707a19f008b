"""Markdown document -> templates -> grammar. Imports nothing of the rest of the project."""
