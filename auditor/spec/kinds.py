"""Field kinds: what a field's value may be, as a regular expression that RE2 and Python's `re` read alike.

kind     = name, [ "(", argument, { ",", argument }, ")" ] ;
argument = ? characters without blanks at either end; no comma, parenthesis or slash ? ;
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pyparsing as pp

_BASE64URL = "[A-Za-z0-9_-]"
_SECONDS = "[0-9]{9,11}"  # 1973 to 5138; milliseconds have 13 digits
_DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]+)?"
_OFFSET = "(?:Z|[+-][0-9]{2}:[0-9]{2})?"

# From the most to the least specific: where two templates fit a key and differ only in kinds, the earlier wins.
LADDER = ("choice", "isodatetime", "uid", "timestamp", "token", "int", "timestamp(hint)", "slug", "segment", "path")


class KindError(Exception):
    """A kind that cannot be understood; `offset` is 0-based in the kind's text."""

    def __init__(self, offset: int, message: str, expected: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.expected = expected


@dataclass(frozen=True)
class Kind:
    """`text` as it is written in bindings, `pattern` a regex for the whole value, `words` complete "expected …".

    The greedy match of `pattern` from a position is the longest value that begins there. `closed` says that every
    non-empty beginning of a value is a value, too. `options` are a choice's, as they were written.
    """

    text: str
    rung: str  # of LADDER
    pattern: str
    words: str
    closed: bool = False
    options: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """0 for the most specific kind."""
        return LADDER.index(self.rung)

    @property
    def is_timestamp(self) -> bool:
        """Whether a value begins with unix seconds."""
        return self.rung in {"timestamp", "timestamp(hint)"}

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def accepts(self, value: str) -> bool:
        return self.regex.fullmatch(value) is not None


SEGMENT = Kind("segment", "segment", "[^/]+", "one or more characters without a slash", closed=True)
PATH = Kind("path", "path", "(?s:.+)", "one or more characters", closed=True)


def shape(kind: Kind) -> Kind:
    """What a field may be when only the template's form is asked for."""
    return PATH if kind.rung == "path" else SEGMENT


def read_kind(text: str) -> Kind:
    """
    >>> read_kind("uid(ife)").pattern
    'oseh_ife_[A-Za-z0-9_-]{22}'
    >>> read_kind("token(8)").accepts("mKc0l1-Zp_A")
    True

    Raises KindError.
    """
    try:
        name, *arguments = _GRAMMAR.parse_string(text, parse_all=True)
    except pp.ParseBaseException as error:
        raise KindError(error.loc, "this is not a field kind", _EXPECTED) from None
    if name not in _MAKERS:
        raise KindError(len(text) - len(text.lstrip()), f"there is no field kind `{name}`", _EXPECTED)
    return _MAKERS[name](text.strip(), [argument for argument, _ in arguments], [at for _, at in arguments])


def escape(text: str) -> str:
    """Like `re.escape`, without the escapes that neither engine needs: patterns are also read by people."""
    return re.sub(r"[\\.^$*+?{}\[\]|()]", r"\\\g<0>", text)


def _without_arguments(make: Callable[[str], Kind]) -> Callable[[str, list[str], list[int]], Kind]:
    def maker(text: str, arguments: list[str], offsets: list[int]) -> Kind:
        if arguments:
            raise KindError(offsets[0], f"`{make(text).rung}` takes no argument", f"`{make(text).rung}` alone")
        return make(text)

    return maker


def _uid(text: str, arguments: list[str], offsets: list[int]) -> Kind:
    if len(arguments) != 1 or not re.fullmatch(r"[A-Za-z0-9_]{1,64}", arguments[0]):
        at = offsets[-1] if arguments else len("uid")
        raise KindError(at, "`uid` needs one prefix", "a prefix of letters, digits and `_`, as in `uid(ife)`")
    words = f"`oseh_{arguments[0]}_` and 22 characters of base64url"
    return Kind(text, "uid", f"oseh_{arguments[0]}_{_BASE64URL}{{22}}", words)


def _token(text: str, arguments: list[str], offsets: list[int]) -> Kind:
    if len(arguments) != 1 or not re.fullmatch(r"[1-9][0-9]{0,2}", arguments[0]) or int(arguments[0]) > _MOST_RANDOM:
        at = offsets[-1] if arguments else len("token")
        expected = f"a number of random bytes from 1 to {_MOST_RANDOM}, as in `token(8)`"
        raise KindError(at, "`token` needs one number", expected)
    length = -(-int(arguments[0]) * 4 // 3)
    return Kind(text, "token", f"{_BASE64URL}{{{length}}}", f"{length} characters of base64url")


_MOST_RANDOM = 750  # 1000 characters, the longest repetition that RE2 takes


def _timestamp(text: str, arguments: list[str], offsets: list[int]) -> Kind:
    if not arguments:
        return Kind(text, "timestamp", _SECONDS, "unix seconds (9 to 11 digits)")
    if arguments != ["hint"]:
        raise KindError(offsets[0], "`timestamp` knows one argument", "`timestamp` or `timestamp(hint)`")
    words = "unix seconds (9 to 11 digits), directly followed by a hint or by nothing"
    return Kind(text, "timestamp(hint)", f"{_SECONDS}(?:[^0-9/][^/]*)?", words)


def _choice(text: str, arguments: list[str], offsets: list[int]) -> Kind:
    if not arguments:
        raise KindError(len("choice"), "`choice` needs options", "options, as in `choice(png, jpeg)`")
    for index, option in enumerate(arguments):
        if option in arguments[:index]:
            raise KindError(offsets[index], f"the option `{option}` stands here twice", "each option once")
    # Alternation takes the first option that fits, so the longest must come first.
    pattern = "|".join(escape(option) for option in sorted(arguments, key=len, reverse=True))
    words = "one of " + ", ".join(f"`{option}`" for option in arguments)
    return Kind(text, "choice", f"(?:{pattern})", words, options=tuple(arguments))


_MAKERS: dict[str, Callable[[str, list[str], list[int]], Kind]] = {
    "segment": _without_arguments(lambda text: Kind(text, "segment", SEGMENT.pattern, SEGMENT.words, closed=True)),
    "path": _without_arguments(lambda text: Kind(text, "path", PATH.pattern, PATH.words, closed=True)),
    "uid": _uid,
    "token": _token,
    "int": _without_arguments(lambda text: Kind(text, "int", "[0-9]+", "decimal digits", closed=True)),
    "timestamp": _timestamp,
    "isodatetime": _without_arguments(
        lambda text: Kind(text, "isodatetime", f"{_DATE}T{_TIME}{_OFFSET}", "a time such as 2024-07-18T09:30:00.123456")
    ),
    "slug": _without_arguments(
        lambda text: Kind(text, "slug", f"{_BASE64URL}+", "letters, digits, `-` and `_`", closed=True)
    ),
    "choice": _choice,
}
_EXPECTED = (
    "one of segment, path, uid(PREFIX), token(N), int, timestamp, timestamp(hint), isodatetime, slug, choice(A, B)"
)


def _grammar() -> pp.ParserElement:
    argument = pp.Regex(r"[^\s,()/](?:[^\r\n,()/]*[^\s,()/])?")
    argument.set_parse_action(lambda _text, offset, tokens: (tokens[0], offset))
    arguments = pp.Suppress("(") - pp.DelimitedList(argument) - pp.Suppress(")")
    return (pp.Regex("[a-z]+") + pp.Opt(arguments) + pp.StringEnd()).parse_with_tabs()


_GRAMMAR = _grammar()
