"""Where rows come from: a SQLite file, or the newest readable database backup in the bucket."""
