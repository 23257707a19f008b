"""Any bytes as sound or film: a judgement in bounded work, with messages that can be shown."""

from __future__ import annotations

from auditor.protocols import Depth
from rules.media import MediaRules
from tests.rules.judging import Bench
from tests.world.bodies import mp4, transport_stream

SEEDS = (
    mp4("seed", 40),
    mp4("seed", 40, faststart=False),
    mp4("seed", 5_000),
    transport_stream("seed", 3),
    transport_stream("seed", 30),
    b"\0\0\0\1moov\0\0\0\0\0\0\0\x20" + bytes(16) + b"\0\0\0\0mdat",
    b"RIFF\0\0\0\0WAVE",
    b"ID3\4",
)


def one(data: bytes) -> None:
    for content in sorted(MediaRules.contents):
        for depth in Depth:
            bench = Bench(MediaRules(), content, "s3_files/a", depth)
            problems = bench.judge(data)
            assert len(problems) <= 1
            assert len(bench.fetched) <= 8
            for problem in problems:
                assert problem.code in {"MED001", "MED002"}
                assert problem.message.isprintable()
                assert len(problem.message) < 400
