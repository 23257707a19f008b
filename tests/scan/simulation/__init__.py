"""A bucket, a database and whoever writes to them, as a world with one clock, and the real audit in the middle of it.

schedules.py  what happens and when: lives of keys, slow requests, skewed clocks, failing HEADs; by hypothesis
world.py      plays a schedule: every request of the audit lets time pass and lets things happen
truth.py      what was really so, and which findings of the audit it does not bear out
playing.py    runs the audit in the world
broken.py     the audit with one of its rules broken
"""
