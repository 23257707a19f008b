"""REF009: the row's content type is none that suits the family, or the field that decides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from auditor.findings import Need, Problem, RuleInfo, RuleKind, Severity
from auditor.protocols import Context
from auditor.spec import Classification, Family, Fit, Specification
from auditor.spec.globs import matchers
from auditor.text import printable
from rules.references.settled import recorded

REF009 = RuleInfo(
    code="REF009",
    name="content-type-mismatch",
    severity=Severity.WARNING,
    kind=RuleKind.BATCH,
    summary="The row's content type does not suit the family or the extension.",
    why="Whoever is served the object by that type may be unable to use it, or does something else with it than meant.",
    action="Look at the object's first bytes; correct the row, or write the object under the key of its real format.",
    good="image/png for an object whose key ends in .png; Image/PNG; q=1 as well",
    bad="image/jpeg, text/html or nothing at all for an object whose key ends in .png",
    needs=frozenset({Need.ROWS}),
)


class ContentTypeRules:
    """Families whose bindings say nothing, and keys that do not fit, may have any type."""

    infos = (REF009,)

    def check_batch(self, frame: pd.DataFrame, context: Context) -> Iterator[Problem]:
        if context.spec.rows.get("content_type", "content_type") == "":
            return
        judged = recorded(frame) & (frame["fit"] == Fit.FITS)
        for number, family in enumerate(context.spec.families):
            if family.content_types:
                mine = (judged & (frame["family"] == family.name)).fillna(value=False).to_numpy(dtype=bool)
                if mine.any():
                    yield from _of_family(frame, np.flatnonzero(mine), family, number, context.spec)


def _of_family(
    frame: pd.DataFrame, positions: np.ndarray, family: Family, number: int, spec: Specification
) -> Iterator[Problem]:
    types = pa.array(frame["row_content_type"].iloc[positions]).dictionary_encode()
    said = [*types.dictionary.to_pylist(), None]
    codes = types.indices.fill_null(len(said) - 1).to_numpy(zero_copy_only=False)
    for where, globs, of in _parts(frame, positions, family, number, spec):
        wrong = np.array([not _suits(one, globs) for one in said])
        for at in where[wrong[codes[where]]]:
            yield Problem(REF009.code, _message(said[codes[at]], globs, of), position=int(positions[at]))


def _parts(
    frame: pd.DataFrame, positions: np.ndarray, family: Family, number: int, spec: Specification
) -> Iterator[tuple[np.ndarray, tuple[str, ...], str]]:
    """Which of the family's positions have which globs, and of what."""
    bound = family.content_types
    if bound is None or bound.field is None:
        yield np.arange(len(positions)), bound.globs[""] if bound else ("*",), family.name
        return
    keys = pa.array(frame["key"].iloc[positions])
    fields = [field.name for field in family.template.fields]
    (found,) = spec.field_values(keys, _all_fit(len(keys), number, spec))
    values = found.values[fields.index(bound.field)]
    for value, globs in bound.globs.items():
        where = np.flatnonzero(pc.equal(values, value).to_numpy(zero_copy_only=False))
        yield where, globs, f"{printable(bound.field)} {printable(value)}"


def _all_fit(count: int, number: int, spec: Specification) -> Classification:
    """What was said of the keys already: all fit one family."""
    names = pa.array([family.name for family in spec.families])
    family = pa.DictionaryArray.from_arrays(pa.array(np.full(count, number, np.int16)), names)
    fit = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int16)), pa.array([str(fit) for fit in Fit]))
    return Classification(family, fit)


def _suits(said: str | None, globs: tuple[str, ...]) -> bool:
    """Case and blanks do not count, nor do parameters where the glob has none.

    >>> _suits("Image/PNG; q=1", ("image/*",)), _suits("text/vtt; a=b", ("text/vtt;a=*",)), _suits(None, ("a/b",))
    (True, True, False)
    """
    parts = [part.strip() for part in (said or "").lower().split(";")]
    return any(
        pattern.match(";".join(parts) if ";" in glob else parts[0]) is not None
        for glob, pattern in zip(globs, matchers(_without_blanks(glob) for glob in globs), strict=True)
    )


def _without_blanks(glob: str) -> str:
    return ";".join(part.strip() for part in glob.lower().split(";"))


def _message(said: str | None, globs: tuple[str, ...], of: str) -> str:
    what = f"The row says {printable(said)!r}" if said else "The row has no content type"
    return f"{what}, and {of} goes with {' or '.join(printable(glob) for glob in globs)}."
