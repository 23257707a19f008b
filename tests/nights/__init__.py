"""A small service that lives for ten days, the mishaps that befall it, and the audit that runs every night."""
