"""Looking into objects: whose turn it is, reading, what was verified when."""
