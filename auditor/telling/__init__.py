"""How a finished run is told to those who were asleep: one digest, and what carries it. Nothing here reads a bucket."""
