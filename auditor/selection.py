"""`--select` and `--ignore`: codes, names, or the beginnings of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.errors import CannotStart
from auditor.findings import RuleInfo


def choose(infos: Mapping[str, RuleInfo], select: Iterable[str] = (), ignore: Iterable[str] = ()) -> frozenset[str]:
    """The codes that are selected (all, when `select` is empty) and not ignored.

    Raises CannotStart for a selector that names no rule, since a check that was misspelt would be a check not made.
    """
    chosen = set().union(*(_named(infos, selector) for selector in select)) if select else set(infos)
    return frozenset(chosen.difference(*(_named(infos, selector) for selector in ignore)))


def _named(infos: Mapping[str, RuleInfo], selector: str) -> set[str]:
    wanted = selector.strip()
    codes = {
        code
        for code, info in infos.items()
        if wanted and (code.startswith(wanted.upper()) or info.name == wanted.lower())
    }
    if not codes:
        raise CannotStart(f"no rule has the code, name or code prefix {selector!r}; `auditor rules` lists them all")
    return codes
