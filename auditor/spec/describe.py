"""A specification as plain data, for `spec show` and whatever else wants to print it."""

from __future__ import annotations

from typing import Any

from auditor.spec.family import Family
from auditor.spec.specification import Specification


def describe(specification: Specification) -> dict[str, Any]:
    """`families: [{name, template, line, fields: {name: kind}, rows, tables, owners, content, secret, note, pattern}]`.

    Families and fields in the order of the document; everything can be written as JSON.
    """
    return {"families": [describe_family(family) for family in specification.families]}


def describe_family(family: Family) -> dict[str, Any]:
    return {
        "name": family.name,
        "template": family.template.text,
        "line": family.template.line,
        "fields": {field.name: family.kinds[field.name].text for field in family.template.fields},
        "rows": str(family.rows),
        "tables": list(family.tables),
        "owners": dict(family.owners),
        "content": family.content,
        "secret": family.secret,
        "note": family.note,
        "pattern": family.pattern,
    }
