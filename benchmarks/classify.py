"""Classification speed on one core: Arrow against a Python `re` alternation on the same keys, and explanations.

    python benchmarks/classify.py [keys in all, default 1000000]

Batches of 65,536 keys in the proportions of a real bucket, sorted and shuffled. Medians of five rounds.
"""

from __future__ import annotations

import random
import re
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterator

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
    shuffled = random.sample(keys, len(keys))
    _report("arrow, sorted", count, _timed(lambda: _arrow(spec, _batches(keys))))
    _report("arrow, unsorted", count, _timed(lambda: _arrow(spec, _batches(shuffled))))
    _report("re alternation, sorted", count, _timed(lambda: _alternation(spec, keys)))
    _explanations(spec, keys)


def _keys(count: int) -> list[str]:
    names = random.choices(list(SHARES), list(SHARES.values()), k=count)
    return sorted("s3_files/" + MAKERS[name]() for name in names)


def _batches(keys: list[str]) -> list[pa.Array]:
    return [pa.array(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH)]


def _arrow(spec: Specification, batches: list[pa.Array]) -> Callable[[], int]:
    return lambda: sum(spec.classify(batch).family.null_count for batch in batches)


def _alternation(spec: Specification, keys: list[str]) -> Callable[[], int]:
    one = re.compile("|".join(f"({re.sub(r'[(](?![?])', '(?:', family.pattern)})" for family in spec.families))
    return lambda: sum(one.fullmatch(key) is None for key in keys)


def _timed(prepare: Callable[[], Callable[[], int]]) -> tuple[float, int]:
    run = prepare()
    run()
    seconds, answers = [], set()
    for _ in range(ROUNDS):
        start = time.process_time()
        answers.add(run())
        seconds.append(time.process_time() - start)
    (answer,) = answers
    return statistics.median(seconds), answer


def _report(name: str, count: int, measured: tuple[float, int]) -> None:
    seconds, unmatched = measured
    print(f"{name:32} {count / seconds:12,.0f} keys/s CPU   {unmatched:,} without a family")


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
