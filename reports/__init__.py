"""How it is told: one module for each format."""
