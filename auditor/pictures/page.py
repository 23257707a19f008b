"""The page of `spec diagram`: one file that asks nothing of any network and runs no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from importlib.resources import files

from jinja2 import PackageLoader
from markupsafe import Markup

from auditor.html import page_environment, policy_hash
from auditor.pictures.families import PicturedFamily, tree_of
from auditor.spec.diagram import railroad_of
from auditor.spec.tree import lines, runs
from auditor.text import share

GENERATOR = "auditor spec diagram"


def page(
    title: str, families: Sequence[PicturedFamily], facts: Sequence[tuple[str, str]], rest: tuple[int, int] | None
) -> Iterator[str]:
    """The page in pieces; `rest` are the objects and bytes outside of every family, or None where none were counted."""
    nodes = tree_of(families)
    whole = sum(node.size for node in nodes) + (rest[1] if rest else 0)
    environment = page_environment(PackageLoader("auditor.pictures"))
    environment.filters |= {"runs": runs, "share": partial(share, whole=whole)}
    style = asset("page.css") + asset("pictures.css")
    yield from environment.get_template("page.html.j2").generate(
        generator=GENERATOR,
        title=title,
        facts=facts,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=policy_hash(style),
        lines=list(lines(nodes)),
        rest=rest,
        families=families,
        anchors={family.name: f"family-{place}" for place, family in enumerate(families, 1)},
        svg=svg,
    )


def svg(family: PicturedFamily) -> Markup | None:
    """The family's diagram for a template; None if this version cannot read what another one recorded."""
    drawn = railroad_of(family.template, family.fields)
    return None if drawn is None else Markup(drawn)  # noqa: S704 - escaped where it was drawn


def asset(name: str) -> str:
    """A file that the pages of several packages have in common."""
    return (files("auditor.pictures") / "templates" / name).read_text("utf-8")
