"""Classification speed on one core: Arrow against a Python `re` alternation on the same keys, and explanations.

    python benchmarks/classify.py [keys in all, default 1000000]

Batches of 65,536 keys in the proportions of a real bucket, sorted and shuffled; family and fit alone, and with the
values of all fields. The ways take turns, round by round, so that noise hits them alike; medians of five rounds, and
how many times as fast as `re` each is.
"""

from __future__ import annotations

import random
import re
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from auditor.spec import Specification, compile_specification
from rules.shipped import file_service

BATCH = 65_536
ROUNDS = 5
FORMATS = ["png", "webp"]
SHARES = {  # of objects in a bucket
    "images/exports": 66.0,
    "images/originals": 4.0,
    "audio/hls": 16.0,
    "audio/mp4": 4.0,
    "audio/originals": 0.5,
    "videos/mp4": 2.0,
    "videos/originals": 0.5,
    "journals/keys/master": 3.0,
    "journals/keys/client": 2.0,
    "uploads": 0.5,
    "courses": 0.1,
    "backup/database": 0.5,
    "backup/redis": 0.5,
    "unknown": 0.4,
}


def _uid(prefix: str) -> str:
    return f"oseh_{prefix}_{secrets.token_urlsafe(16)}"


MAKERS: dict[str, Callable[[], str]] = {
    "images/exports": lambda: f"images/exports/{_uid('ife')}/{secrets.token_urlsafe(8)}.{random.choice(FORMATS)}",
    "images/originals": lambda: f"images/originals/{_uid('if')}/{secrets.token_urlsafe(8)}",
    "audio/hls": lambda: f"audio/{_uid('cf')}/hls/{secrets.token_urlsafe(8)}.ts",
    "audio/mp4": lambda: f"audio/{_uid('cf')}/mp4/192/{secrets.token_urlsafe(8)}.mp4",
    "audio/originals": lambda: f"audio/originals/{_uid('cf')}/{_uid('vn')}/b'sub'-{secrets.token_urlsafe(16)}",
    "videos/mp4": lambda: f"videos/{_uid('cf')}/mp4/10870331/{secrets.token_urlsafe(8)}.mp4",
    "videos/originals": lambda: f"videos/originals/{_uid('cf')}/course_video-{secrets.token_urlsafe(16)}",
    "journals/keys/master": lambda: f"journals/keys/master/{_uid('ujmk')}",
    "journals/keys/client": lambda: f"journals/keys/client/{_uid('ujck')}",
    "uploads": lambda: f"uploads/{_uid('s3fu')}/{random.randint(1, 900)}/{secrets.token_urlsafe(8)}",
    "courses": lambda: f"courses/{_uid('c')}/{_uid('ce')}/{secrets.token_urlsafe(8)}.zip",
    "backup/database": lambda: f"backup/database/{random.randint(1_680_000_000, 1_760_000_000)}.bak",
    "backup/redis": lambda: f"backup/redis/{random.randint(1_680_000_000, 1_760_000_000)}.bak",
    "unknown": lambda: f"thumbnails/{random.randint(1, 40)}/{secrets.token_urlsafe(8)}",
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    pa.set_cpu_count(1)
    document, bindings = file_service()
    spec = compile_specification(document, bindings, strict=True)
    keys = _keys(count)
    batches, unsorted = _batches(keys), _batches(random.sample(keys, len(keys)))
    patterns = [family.pattern for family in spec.families]
    alternation = _alternation(re.sub(r"[(](?![?])", "(?:", pattern) for pattern in patterns)
    with_groups = _alternation(patterns)
    _race(
        {
            "re alternation, sorted": lambda: sum(alternation.fullmatch(key) is None for key in keys),
            "re alternation, all fields": lambda: _groups(with_groups, keys),
            "arrow, sorted": lambda: _families(spec, batches),
            "arrow, sorted, all fields": lambda: _fields(spec, batches),
            "arrow, unsorted": lambda: _families(spec, unsorted),
            "arrow, unsorted, all fields": lambda: _fields(spec, unsorted),
        },
        count,
    )
    _explanations(spec, keys)


def _keys(count: int) -> list[str]:
    names = random.choices(list(SHARES), list(SHARES.values()), k=count)
    return sorted("s3_files/" + MAKERS[name]() for name in names)


def _batches(keys: list[str]) -> list[pa.Array]:
    return [pa.array(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH)]


def _alternation(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"({pattern})" for pattern in patterns))


def _groups(alternation: re.Pattern[str], keys: list[str]) -> int:
    """Keys without a family, when the values of all fields are taken as well."""
    return sum(match is None or not match.groups() for match in map(alternation.fullmatch, keys))


def _families(spec: Specification, batches: list[pa.Array]) -> int:
    return sum(spec.classify(batch).family.null_count for batch in batches)


def _fields(spec: Specification, batches: list[pa.Array]) -> int:
    return sum(len(batch) - sum(len(found.positions) for found in spec.field_values(batch)) for batch in batches)


def _race(ways: dict[str, Callable[[], int]], count: int) -> None:
    """The first way is the measure of the others; all must give the same answer."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    answers = {way() for way in ways.values()}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.process_time()
            answers.add(way())
            seconds[name].append(time.process_time() - start)
    (unmatched,) = answers
    print(f"{count:,} keys, {unmatched:,} without a family")
    medians = {name: statistics.median(rounds) for name, rounds in seconds.items()}
    slowest = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{name:32} {count / median:12,.0f} keys/s CPU   {slowest / median:5.1f} times")


def _explanations(spec: Specification, keys: list[str]) -> None:
    for name, bad in _bad(random.choices(keys, k=100_000)):
        start = time.process_time()
        fits = {explanation.fit for explanation in spec.explanations(bad)}
        seconds = time.process_time() - start
        print(f"explain {name:24} {len(bad) / seconds:12,.0f} keys/s CPU   {sorted(fits)}")


def _bad(keys: list[str]) -> Iterator[tuple[str, list[str]]]:
    known = [key for key in keys if "/thumbnails/" not in key]
    yield "invalid fields", [key.replace("oseh_", "OSEH_") for key in known if "oseh_" in key]
    yield "malformed", [key + "/more" if "originals" not in key else key.rsplit("/", 1)[0] for key in known]
    yield "unknown, few folders", ["s3_files/old/" + key for key in keys]
    yield "unknown, all different", [f"{number}/{key}" for number, key in enumerate(keys)]


if __name__ == "__main__":
    main()
