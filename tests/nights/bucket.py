"""The service's bucket: a stub of S3 whose clock is the service's own, with multipart uploads that nobody finishes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Self

from tests.servers.stub_s3 import Answer, Request, Stored, StubS3

NAME = "service"
PAGE = 80  # keys on a page, so that a listing has a middle


class Bucket:
    """What the service's client of S3 can do. `server` is for whoever wants to see it fail."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.uploads: dict[str, datetime] = {}
        self._clock = clock
        self.server = StubS3(bucket=NAME, page_size=PAGE)
        self.healed()

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self.server.__exit__(*raised)

    @property
    def arguments(self) -> list[str]:
        return [f"s3://{NAME}", "--endpoint-url", self.server.url]

    def healed(self) -> None:
        """The objects stay; what made the server fail is gone, and so is what it remembers of requests."""
        self.server.reset(self.server.objects, page_size=PAGE)
        self.server.now = self._clock
        self.server.hooks.append(self._multipart)

    def put(self, key: str, body: bytes, at: datetime | None = None) -> None:
        self.server.objects[key] = Stored(body, at or self._clock())

    def delete(self, key: str) -> None:
        """S3 says that it worked, whether the object was there or not."""
        self.server.objects.pop(key, None)

    def body(self, key: str) -> bytes:
        return self.server.objects[key].body

    def begin_multipart(self, key: str) -> None:
        self.uploads[key] = self._clock()

    def abort_multipart(self, key: str) -> None:
        del self.uploads[key]

    def _multipart(self, request: Request, answer: Answer) -> Answer:
        if request.operation != "ListMultipartUploads":
            return answer
        uploads = "".join(
            f"<Upload><Key>{key}</Key><UploadId>of-{at:%d-%H%M}</UploadId><Initiated>{at:%Y-%m-%dT%H:%M:%S}Z</Initiated></Upload>"
            for key, at in sorted(self.uploads.items())
        )
        body = f"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>{uploads}</ListMultipartUploadsResult>"
        return Answer(body=body.encode())
