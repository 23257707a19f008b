"""fsck for a bucket: the engine and the command line. Knows no single rule and no single report."""

__version__ = "0.1.0"
