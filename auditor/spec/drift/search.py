"""The rounds in which drafts become proposals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from auditor.spec.drift.base import Base
from auditor.spec.drift.candidate import Candidate, Maker, Refusal
from auditor.spec.drift.disjoint import Settlement
from auditor.spec.drift.grow import FEW, drafts
from auditor.spec.drift.pattern import slots
from auditor.spec.drift.reading import read_segment
from auditor.spec.drift.sample import Sample
from auditor.spec.drift.widen import Widening, widened
from auditor.spec.drift.wider import generally_wider, naturally_wider
from auditor.spec.explanation import Explanation
from auditor.spec.family import Family
from auditor.spec.model import Fit

ROUNDS = 8
_SLIP = "have a template's form, each with another word where a field of some kind is"

Batches = Callable[[], Iterable[pa.Table]]


class Search:
    """What has been found so far: `accepted` new templates, `families` of the document with wider kinds for some."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self.document = base.extended([])
        self.extended = self.document
        self.families: Sequence[Family] = self.document.families
        self.accepted: list[Candidate] = []
        self.refused: list[Refusal] = []

    def run(self, batches: Batches) -> None:
        """Rounds until one finds nothing; what is left may then get a kind that takes nearly anything."""
        for _ in range(ROUNDS):
            if not self._round(list(self._sampled(batches()))):
                break
        self._widen(list(self._sampled(batches())), generally_wider, FEW + 1)
        self.refused = [one for one in map(self._still_left, self.refused) if one.keys]

    def wide(self) -> list[Family]:
        """The families of the document whose kinds are wider now."""
        return [now for now, before in zip(self.families, self.document.families, strict=True) if now != before]

    def taken(self, keys: pa.Array, family: Family) -> npt.NDArray[np.bool_]:
        """Which keys a family takes, by its own kinds."""
        mask: npt.NDArray[np.bool_] = pc.match_substring_regex(keys, family.matching(shapes=False)).to_numpy(
            zero_copy_only=False
        )
        return mask

    def _round(self, keys: list[str]) -> bool:
        """Whether it found anything."""
        wider = self._widen(keys, naturally_wider, 1)
        keys = list(self._untaken(keys))
        settlement = Settlement(Maker(self._base, self.document.families), self.families, self.accepted)
        slips = self._slips(keys)
        found = list(drafts(keys))
        settlement.place_all(draft for draft in found if draft.keys[0] not in slips or len(draft.keys) > 1)
        newer = settlement.accepted != self.accepted
        self.accepted = settlement.accepted
        alone = (draft.keys for draft in found if draft.keys[0] in slips and len(draft.keys) == 1)
        self.refused = [*settlement.refused, *(Refusal(_SLIP, one) for one in alone)]
        self.extended = self._base.extended(one.named for one in self.accepted)
        return newer or wider

    def _slips(self, keys: list[str]) -> set[str]:
        """Keys with words where a family has fields: each is a slip as long as it is alone, not a family of its own."""
        wrong = self._invalid(keys)
        return {one.key for one in wrong if not any(slots(read_segment(field.value)) for field in one.invalid)}

    def _widen(self, keys: list[str], how: Widening, least: int) -> bool:
        rivals = [one.family for one in self.accepted]
        before, self.families = self.families, widened(self.families, rivals, self._invalid(keys), how, least)
        return list(before) != self.families

    def _invalid(self, keys: list[str]) -> Iterator[Explanation]:
        """What the document says of those keys that have a family's form and a field of the wrong kind."""
        fits = self.document.classify(pa.array(keys, pa.string())).fit.to_pylist()
        return self.document.explanations(
            [key for key, fit in zip(keys, fits, strict=True) if fit == Fit.INVALID_FIELD]
        )

    def _sampled(self, batches: Iterable[pa.Table]) -> Iterator[str]:
        sample = Sample()
        for batch in batches:
            for keys in batch["key"].chunks:
                sample.add(keys.filter(pa.array(self._left(keys))))
        return sample.keys()

    def _left(self, keys: pa.Array) -> npt.NDArray[np.bool_]:
        """Keys without a template that are not ambiguous either."""
        fits = self.extended.classify(keys).fit.cast(pa.string())
        wrong = pa.array([str(fit) for fit in (Fit.UNKNOWN, Fit.MALFORMED, Fit.INVALID_FIELD)])
        left: npt.NDArray[np.bool_] = pc.is_in(fits, value_set=wrong).to_numpy(zero_copy_only=False)
        for family in self.wide():
            left = left & ~self.taken(keys, family)
        return left

    def _untaken(self, keys: list[str]) -> Iterator[str]:
        array = pa.array(keys, pa.string())
        taken = np.zeros(len(keys), np.bool_)
        for family in self.wide():
            taken |= self.taken(array, family)
        return (key for key, gone in zip(keys, taken, strict=True) if not gone)

    def _still_left(self, refusal: Refusal) -> Refusal:
        return Refusal(refusal.reason, tuple(self._untaken(list(refusal.keys))))
