"""Whether anything refers to a row: REF004 rests on it."""

from auditor.scan.references.opening import Known, open_references

__all__ = ["Known", "open_references"]
