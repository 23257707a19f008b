"""What a page of a listing costs: boto3's paginator against S3Store.list, over the same pages in one run.

    python benchmarks/listing.py [--pages 60] [--repeat 7] [--minimum 25]

The server is a process of its own that sends pages rendered beforehand, so that the CPU counted is the client's. A
page has 1000 keys of 300 bytes of XML each; half of the entries have checksum elements, as Amazon's have today. Exits
with 1 when the paginator's CPU per page is less than `--minimum` times the store's.
"""

from __future__ import annotations

import argparse
import base64
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from statistics import median
from urllib.parse import parse_qs, urlsplit

import boto3

from auditor.store import open_store

KEYS = 1000  # per page
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>bucket</Name><Prefix></Prefix>{token}<KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>"
    "<EncodingType>url</EncodingType><IsTruncated>{more}</IsTruncated>"
)
ENTRY = (
    "<Contents><Key>s3_files/images/exports/oseh_ife_{page:05}{number:04}{salt}/{token}.webp</Key>"
    "<LastModified>2026-0{month}-1{day}T0{day}:11:12.000Z</LastModified><ETag>&quot;{etag}&quot;</ETag>{checksum}"
    "<Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
)
CHECKSUM = "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"


def render(page: int, last: bool) -> bytes:
    chance = random.Random(page)

    def token(size: int) -> str:
        return base64.urlsafe_b64encode(chance.randbytes(size)).decode().rstrip("=")

    entries = (
        ENTRY.format(
            page=page,
            number=number,
            salt=token(10),
            token=token(8),
            month=chance.randint(1, 9),
            day=chance.randint(0, 9),
            etag=chance.randbytes(16).hex(),
            checksum=CHECKSUM if number % 2 else "",
            size=chance.randint(1, 10**7),
        )
        for number in range(KEYS)
    )
    more = "" if last else f"<NextContinuationToken>{page + 1}</NextContinuationToken>"
    return (
        HEAD.format(token=more, more="false" if last else "true") + "".join(entries) + "</ListBucketResult>"
    ).encode()


def serve(pages: int) -> None:
    """Print the port, then answer each GET with the page that its continuation token names, until killed."""
    rendered = [render(page, page == pages - 1) for page in range(pages)]
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(connection, rendered), daemon=True).start()


def _answer(connection: socket.socket, rendered: list[bytes]) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waiting = b""
    while received := connection.recv(65536):
        waiting += received
        while b"\r\n\r\n" in waiting:
            request, _, waiting = waiting.partition(b"\r\n\r\n")
            query = parse_qs(urlsplit(request.split(b" ", 2)[1].decode()).query)
            body = rendered[int(query.get("continuation-token", ["0"])[0])]
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)


def by_paginator(url: str) -> Callable[[], int]:
    client = boto3.client("s3", endpoint_url=url)
    pages = client.get_paginator("list_objects_v2")
    return lambda: sum(len(page["Contents"]) for page in pages.paginate(Bucket="bucket"))


def by_store(url: str) -> Callable[[], int]:
    store, _ = open_store("s3://bucket", endpoint_url=url)
    return lambda: sum(map(len, store.list()))


def measure(work: Callable[[], int], pages: int) -> tuple[float, float]:
    """CPU milliseconds of this process (all threads) per page, and keys per second of wall time."""
    cpu, wall = time.process_time(), time.perf_counter()
    keys = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert keys == pages * KEYS, keys
    return cpu * 1000 / pages, keys / wall


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--pages", type=int, default=60)
    arguments.add_argument("--repeat", type=int, default=7)
    arguments.add_argument("--minimum", type=float, default=25)
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.serve:
        serve(chosen.pages)
    os.environ |= {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "us-east-1"}
    command = [sys.executable, __file__, "--serve", "--pages", str(chosen.pages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            return compare(f"http://127.0.0.1:{server.stdout.readline().strip()}", chosen)
        finally:
            server.kill()


def compare(url: str, chosen: argparse.Namespace) -> int:
    """Turn about, and the best round of each, as timeit does: what is above that is other work of the machine."""
    ways = {"boto3 paginator": by_paginator(url), "S3Store.list": by_store(url)}
    for work in ways.values():
        work()
    rounds = [{name: measure(work, chosen.pages) for name, work in ways.items()} for _ in range(chosen.repeat)]
    cost = {name: min(one[name][0] for one in rounds) for name in ways}
    for name in ways:
        speed = max(one[name][1] for one in rounds)
        print(f"{name:16} {cost[name]:8.2f} ms CPU per page  {speed:10,.0f} keys/s")
    ratio = cost["boto3 paginator"] / cost["S3Store.list"]
    middle = median(one["boto3 paginator"][0] / one["S3Store.list"][0] for one in rounds)
    print(f"{'ratio':16} {ratio:8.1f} (at least {chosen.minimum:g} wanted; {middle:.1f} in the middle round)")
    return int(ratio < chosen.minimum)


if __name__ == "__main__":
    sys.exit(main())
