"""Markdown document -> templates -> grammar. Imports nothing of the rest of the project.

A document is compiled twice from one syntax tree: to RE2 patterns that classify batches of keys, and to pyparsing
elements that explain a single key. Both give one answer for every key.
"""

from auditor.spec.compiler import compile_specification
from auditor.spec.describe import describe, describe_family
from auditor.spec.explanation import Explanation, FieldValue, Nearby
from auditor.spec.family import Family
from auditor.spec.faults import Fault, FaultCode, Remark, Source, SpecificationError, decode
from auditor.spec.kinds import Kind
from auditor.spec.location import Location, pointed
from auditor.spec.model import Classification, Fit, RowPolicy
from auditor.spec.overlap import Doubt, Overlap, common_key, doubts, overlaps
from auditor.spec.prefixes import UNEXPLAINED, KeyPrefix, prefix_of
from auditor.spec.series import Series
from auditor.spec.specification import Specification
from auditor.spec.template import Field, Literal, Template

__all__ = [
    "UNEXPLAINED",
    "Classification",
    "Doubt",
    "Explanation",
    "Family",
    "Fault",
    "FaultCode",
    "Field",
    "FieldValue",
    "Fit",
    "KeyPrefix",
    "Kind",
    "Literal",
    "Location",
    "Nearby",
    "Overlap",
    "Remark",
    "RowPolicy",
    "Series",
    "Source",
    "Specification",
    "SpecificationError",
    "Template",
    "common_key",
    "compile_specification",
    "decode",
    "describe",
    "describe_family",
    "doubts",
    "overlaps",
    "pointed",
    "prefix_of",
]
