"""Byte formats that more than one part of the tool reads: readers of streams and files, with no store behind them."""
