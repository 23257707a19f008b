"""The key specification as pictures: a folder tree and railroad diagrams, of a document or of a finished run."""
