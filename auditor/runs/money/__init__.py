"""What a month of storage costs: prices from a table that can be replaced, bytes from a finished run."""
