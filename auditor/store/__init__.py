"""Where objects come from: S3 or a folder. List, look and read, nothing else."""
