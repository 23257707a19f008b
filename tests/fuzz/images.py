"""Any bytes as an image: a judgement in bounded work, with messages that can be shown."""

from __future__ import annotations

from auditor.protocols import Depth
from tests.rules.pictures import export, original, picture
from tests.world.bodies import IMAGES

SEEDS = (
    *(make("seed", 40, 9, 7) for make in IMAGES.values()),
    picture("JPEG", 8, 8, quality=90),
    picture("WEBP", 8, 8, quality=90),
    picture("PNG", 8, 8, mode="P"),
    b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"><style>a{fill:url(#b)}</style>&a;</svg>',
    b'{"name": "ShareImage"}',
)
_FORMS = ("png", "jpeg", "webp", "svg", "bin")
_CODES = {"IMG001", "IMG002", "IMG003", "IMG004"}


def one(data: bytes) -> None:
    benches = [original(depth) for depth in Depth]
    benches += [export(_FORMS[len(data) % len(_FORMS)], depth, (9, 7)) for depth in Depth]
    for bench in benches:
        for problem in bench.judge(data):
            assert problem.code in _CODES
            assert problem.message.isprintable()
            assert len(problem.message) < 400
        assert len(bench.fetched) <= 8
