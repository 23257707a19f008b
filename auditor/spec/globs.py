"""The globs of `[ignore]`: `*` stands for any characters (slashes, too), `?` for one; all else for itself."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence

from auditor.spec.kinds import escape


def re2(globs: Iterable[str]) -> str:
    r"""One RE2 pattern for all.

    >>> print(re2(["builds/*", "tmp?"]))
    \A(?s:builds/.*|tmp.)\z
    """
    return r"\A(?s:" + "|".join(_translated(glob) for glob in globs) + r")\z"


def matchers(globs: Iterable[str]) -> Sequence[re.Pattern[str]]:
    """The same for Python, through `fnmatch`, whose translation never backtracks over a star."""
    return [re.compile(fnmatch.translate(glob.replace("[", "[[]"))) for glob in globs]


def _translated(glob: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character) or escape(character) for character in glob)
