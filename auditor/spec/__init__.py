"""Markdown document -> templates -> grammar. Imports nothing of the rest of the project.

A document is compiled twice from one syntax tree: to RE2 patterns that classify batches of keys, and to pyparsing
elements that explain a single key. Both give one answer for every key.
"""

from auditor.spec.compiler import compile_specification
from auditor.spec.describe import describe, describe_family
from auditor.spec.explanation import Explanation, FieldValue
from auditor.spec.family import Family
from auditor.spec.faults import Fault, Source, SpecificationError
from auditor.spec.kinds import Kind
from auditor.spec.model import Classification, Fit, RowPolicy
from auditor.spec.overlap import Doubt, Overlap, common_key, doubts, overlaps
from auditor.spec.specification import Specification
from auditor.spec.template import Field, Literal, Template

__all__ = [
    "Classification",
    "Doubt",
    "Explanation",
    "Family",
    "Fault",
    "Field",
    "FieldValue",
    "Fit",
    "Kind",
    "Literal",
    "Overlap",
    "RowPolicy",
    "Source",
    "Specification",
    "SpecificationError",
    "Template",
    "common_key",
    "compile_specification",
    "describe",
    "describe_family",
    "doubts",
    "overlaps",
]
