r"""The patterns of kinds, read into a syntax tree: as much of the language of RE2 as kinds are written in.

    choice    = sequence, { "|", sequence } ;
    sequence  = { repeat } ;
    repeat    = one, [ "?" | "*" | "+" | "{", number, [ ",", number ], "}" ] ;
    one       = "(?:", choice, ")" | "(?s:", choice, ")" | set | "\", character | "." | character ;
    set       = "[", [ "^" ], item, { item }, "]" ;
    item      = character, [ "-", character ] ;     (* a "-" at the end stands for itself *)

"." is any character, as it is within "(?s:" for RE2: kinds use it nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import pyparsing as pp

from auditor.spec.automata import chars
from auditor.spec.automata.chars import Chars


@dataclass(frozen=True)
class One:
    """One character of a set."""

    chars: Chars


@dataclass(frozen=True)
class Sequence:
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Repeat:
    """`most` is None for no limit."""

    node: Node
    least: int
    most: int | None


Node: TypeAlias = One | Sequence | Choice | Repeat


@lru_cache(maxsize=4096)
def read(pattern: str) -> Node:
    """The tree of a kind's pattern. Raises pyparsing.ParseBaseException for what kinds are not written in.

    >>> read("a?").nodes[0].nodes
    (Repeat(node=One(chars=Chars(ranges=((97, 97),))), least=0, most=1),)
    """
    node: Node = _GRAMMAR.parse_string(pattern, parse_all=True)[0]
    return node


def literal(text: str) -> Node:
    return Sequence(tuple(One(chars.of([(character, character)])) for character in text))


_COUNTS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}


def _one(tokens: pp.ParseResults) -> One:
    text = tokens[0]
    if text == ".":
        return One(chars.ANY)
    if text[0] != "[":
        return One(chars.of([(text[-1], text[-1])]))
    negated = text[1] == "^"
    items = re.findall(r"(?s)[^-]-.|.", text[1 + negated : -1])
    return One(chars.of([(item[0], item[-1]) for item in items], negated=negated))


def _repeat(tokens: pp.ParseResults) -> Node:
    node, *counts = tokens
    if not counts:
        return node  # type: ignore[no-any-return]
    numbers = counts[0].strip("{}").split(",")
    least, most = _COUNTS.get(counts[0]) or (int(numbers[0]), int(numbers[-1]))
    return Repeat(node, least, most)


def _grammar() -> pp.ParserElement:
    choice = pp.Forward()
    one = pp.Regex(r"(?s)\[\^?[^\]]+\]|\\.|[^\\^$*+?{}\[\]|()]").set_parse_action(_one)
    group = pp.Suppress(pp.Regex(r"\(\?s?:")) + choice + pp.Suppress(")")
    count = pp.Regex(r"[?*+]|\{[0-9]+(,[0-9]+)?\}")
    repeat = (pp.MatchFirst([group, one]) + pp.Opt(count)).set_parse_action(_repeat)
    sequence = pp.ZeroOrMore(repeat).set_parse_action(lambda tokens: Sequence(tuple(tokens)))
    choices = pp.DelimitedList(sequence, "|").set_parse_action(lambda tokens: Choice(tuple(tokens)))
    choice <<= choices.leave_whitespace(recursive=True)
    return choice.parse_with_tabs()


_GRAMMAR = _grammar()
