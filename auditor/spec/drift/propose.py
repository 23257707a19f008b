"""Keys that a document does not describe -> the templates that would.

A round draws a sample of the keys that are still without a template, makes patterns of them, and takes those that are
proved to be disjoint from everything else. What is rare shows when what is frequent is covered, so there are several
rounds. At the end everything is counted with the extended document itself: nothing that is said is an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from auditor.spec.drift.base import Base
from auditor.spec.drift.candidate import Candidate, Refusal
from auditor.spec.drift.proposal import Drift, Proposal
from auditor.spec.drift.search import Batches, Search
from auditor.spec.drift.tally import Tally, tally_each
from auditor.spec.model import Fit

TOO_FEW = "too-few"


def propose(base: Base, batches: Batches, *, least: int = 1) -> Drift:
    """The templates that would cover the objects of `batches` (tables with the columns of OBSERVED, read repeatedly).

    A proposal covers at least `least` objects. Raises SpecificationError when the sources do not compile.
    """
    search = Search(base)
    search.run(batches)
    tallies, uncovered = _counted(search, batches())
    proposals = sorted(_proposals(search, tallies), key=lambda one: -one.tally.objects)
    kept = [one for one in proposals if one.tally.objects >= least]
    for proposal in proposals:
        if proposal not in kept:
            uncovered[TOO_FEW] = uncovered.get(TOO_FEW, Tally()).plus(proposal.tally)
    return Drift(tuple(sorted(kept, key=_place)), uncovered, tuple(_by_reason(search.refused)))


def _counted(search: Search, batches: Iterable[pa.Table]) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """By the text of the template what it covers, and by fit what nothing covers."""
    fitting_names: dict[str, Tally] = {}
    wider = {family.template.text: Tally() for family in search.wide()}
    uncovered: dict[str, Tally] = {}
    for batch in batches:
        classes = search.extended.classify(batch["key"])
        fits = classes.fit.cast(pa.string())
        fitting = pc.equal(fits, str(Fit.FITS))
        names = pc.if_else(fitting, classes.family.cast(pa.string()), None).dictionary_encode()
        tally_each(fitting_names, names, batch)
        rest, fits = batch.filter(pc.invert(fitting)), fits.filter(pc.invert(fitting))
        for family in search.wide():
            mask = pa.array(search.taken(rest["key"].combine_chunks(), family))
            wider[family.template.text].add(rest.filter(mask))
            rest, fits = rest.filter(pc.invert(mask)), fits.filter(pc.invert(mask))
        tally_each(uncovered, fits.dictionary_encode(), rest)
    texts = {family.name: family.template.text for family in search.extended.families}
    return wider | {texts[name]: tally for name, tally in fitting_names.items()}, uncovered


def _proposals(search: Search, tallies: dict[str, Tally]) -> Iterator[Proposal]:
    for one in search.accepted:
        tally = tallies.get(one.family.template.text, Tally())
        yield Proposal(one.family, tally, {}, _form_of(search, one), one.bound)
    for family in search.wide():
        before = search.document.family(family.name)
        kinds = {name: kind.text for name, kind in before.kinds.items() if kind != family.kinds[name]}
        yield Proposal(family, tallies.get(family.template.text, Tally()), kinds, family.name, bound=True)


def _form_of(search: Search, candidate: Candidate) -> str | None:
    classes = search.document.classify(pa.array(candidate.draft.keys, pa.string()))
    names = set(classes.family.to_pylist())
    return names.pop() if len(names) == 1 else None


def _place(proposal: Proposal) -> tuple[bool, bool, bool, str]:
    """New templates with fields first, then fixed keys, then what has another family's form, then wider kinds."""
    named = proposal.named
    return bool(proposal.replaces), proposal.form_of is not None, not named.kinds, named.text


def _by_reason(refused: Iterable[Refusal]) -> Iterator[Refusal]:
    keys: dict[str, list[str]] = {}
    for one in refused:
        keys.setdefault(one.reason, []).extend(one.keys)
    yield from (Refusal(reason, tuple(found)) for reason, found in sorted(keys.items(), key=lambda item: -len(item[1])))
