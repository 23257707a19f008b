"""EMB001 to EMB009: files of journey embeddings, read in one pass and checked record by record.

A file is nothing but records: a uid field (a journey's uid, left-padded with NUL bytes) and the journey's embedding
(IEEE-754 doubles, big-endian). Source of the format: the key specification's entry for `journey_embeddings` and the
tables `journey_embeddings` and `journey_embedding_items`.
"""

from __future__ import annotations

from rules.embeddings.rule import EmbeddingRules

__all__ = ["EmbeddingRules"]
