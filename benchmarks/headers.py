"""Header checks of images beside bare ranged GETs of the same bytes by the same client, against a local S3 server.

    VERSITYGW=/path/to/versitygw python benchmarks/headers.py            # 10,000 objects
    python benchmarks/headers.py --objects 2000                          # versitygw on PATH

The objects are PNG, JPEG and WebP exports as Pillow writes them, longer than what is read of them. (A JPEG with more
than 4 kB of metadata before its frame header costs a request more, which is not what is measured here.) Both sides send
a ranged GET for each object from sixteen threads, in turns; the ratio is the median over the turns of the wall time.
Exits 1 when the checks reach less than `--least` of the bare rate.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyarrow as pa
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from auditor.plugins import load_specs
from auditor.protocols import Depth
from auditor.scan.content.answers import Answers
from auditor.scan.content.budget import Budget, Limit
from auditor.scan.content.examine import Examiner
from auditor.scan.content.reader import ContentReader
from auditor.scan.judging import LOOKING
from auditor.scan.rulebook import RuleBook
from auditor.scan.units import Unit, Units
from auditor.spec import compile_specification
from auditor.store import open_store
from auditor.store.base import Store
from rules.images import ImageRules
from tests.servers.gateway import ACCESS, SECRET, SHARED, Gateway
from tests.world.ledger import WorldObject
from tests.world.names import Names

BUCKET = "headers"
RANGE = 4096  # bytes, as the rule plans
FORMATS = ("png", "jpeg", "webp")


@cache
def picture(form: str, number: int) -> bytes:
    noise = random.Random(number).randbytes(3 * 160 * 120)
    written = io.BytesIO()
    Image.frombytes("RGB", (160, 120), noise).save(written, form)
    assert len(written.getvalue()) > RANGE
    return written.getvalue()


def fill(gateway: Gateway, objects: int) -> None:
    names = Names(1, "headers")
    gateway.client().create_bucket(Bucket=BUCKET)
    at = int(datetime.now(UTC).timestamp()) - 30 * 86_400
    for start in range(0, objects, 1000):
        made = []
        for number in range(start, min(start + 1000, objects)):
            form = FORMATS[number % len(FORMATS)]
            key = f"s3_files/images/exports/{names.uid('ife')}/{names.token(8)}.{form}"
            body = picture(form, number % 30)
            made.append(WorldObject(key, body, at, "STANDARD"))
        gateway.put(BUCKET, *made)


def queue_of(store: Store) -> pa.Table:
    table = pa.concat_tables(store.list()).combine_chunks()
    extra = {"family": "images/exports", "row_uid": None, "row_content_type": None}
    for name, value in extra.items():
        table = table.append_column(name, pa.array([value] * table.num_rows, pa.string()))
    return table


def bare(store: Store, keys: Iterable[str], executor: ThreadPoolExecutor) -> None:
    def get(key: str) -> int:
        with store.open(key, 0, RANGE) as stream:
            return len(stream.read())

    for _ in executor.map(get, keys):
        pass


def checked(store: Store, queue: pa.Table, executor: ThreadPoolExecutor, folder: Path) -> None:
    shipped = load_specs()["file_service"]()
    spec = compile_specification(shipped.document, shipped.bindings)
    book = RuleBook([ImageRules()], BUCKET, frozenset(info.code for info in ImageRules.infos))
    families = {family.name: family for family in spec.families}
    rules = {"images/exports": [ImageRules()]}
    reader = ContentReader(
        Examiner(store, book, datetime.now(UTC), rules, families), book, Units(folder / "units"), executor
    )
    read = reader.first(Unit(0, 0), queue, Depth.HEADERS, Answers(None), Budget(Limit(), time.monotonic))
    assert (read.objects, read.errors) == (queue.num_rows, []), read


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--least", type=float, default=0.8)
    arguments = parser.parse_args()
    gateway = SHARED.running()
    fill(gateway, arguments.objects)
    os.environ |= {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
    store, _ = open_store(f"s3://{BUCKET}", endpoint_url=gateway.url, region="us-east-1")
    queue = queue_of(store)
    keys = queue["key"].to_pylist()
    turns = []
    with ThreadPoolExecutor(LOOKING) as executor:
        for _ in range(arguments.repeat):
            with tempfile.TemporaryDirectory() as folder:
                plain = seconds(lambda: bare(store, keys, executor))
                turns.append((plain, seconds(lambda path=folder: checked(store, queue, executor, Path(path)))))
    SHARED.stop()
    rates = [arguments.objects / statistics.median(column) for column in zip(*turns, strict=True)]
    ratio = statistics.median(plain / whole for plain, whole in turns)
    print(f"{arguments.objects:,} objects, {LOOKING} threads, median of {arguments.repeat} turns")
    print(f"bare ranged GETs  {rates[0]:8,.0f}/s")
    print(f"header checks     {rates[1]:8,.0f}/s   ratio {ratio:.2f} (at least {arguments.least} is required)")
    return 0 if ratio >= arguments.least else 1


if __name__ == "__main__":
    sys.exit(main())
