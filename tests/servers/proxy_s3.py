"""A real S3 server behind the stub's door: its answers may be written down, bent and broken like the stub's.

    with ProxyS3(gateway.url, "bucket") as server:
        server.when(lambda request: request.operation == "HeadObject", faults.reset)
        ...
    assert "PUT" not in {request.method for request in server.requests}

A request goes through as it came in, with the client's own signature. Only where a page has to be smaller than was
asked for, or a hook asks for another one, is the question signed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.servers.stub_s3 import Answer, Request, Stored, StubS3
from tests.world.serve import CREDENTIALS

_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}
_SIGNER = S3SigV4Auth(
    Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]), "s3", "us-east-1"
)


class ProxyS3(StubS3):
    """`objects` is what the bucket holds, for tests that choose among its keys; the server alone answers."""

    def __init__(
        self, upstream: str, bucket: str, objects: Mapping[str, bytes | Stored] = {}, *, page_size: int = 1000
    ) -> None:
        super().__init__(objects, bucket=bucket, page_size=page_size)
        self.upstream = urlsplit(upstream).netloc

    def ordinary(self, request: Request) -> Answer:
        query = self._query(request)
        if query == dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True)):
            return self._sent(request.method, request.target, request.headers)
        target = f"{quote(request.path, safe='/%')}?{urlencode(query, quote_via=quote)}"
        signed = AWSRequest(
            "GET", f"http://{self.upstream}{target}", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
        )
        _SIGNER.add_auth(signed)
        return self._sent("GET", target, {"host": self.upstream, **dict(signed.headers.items())})

    def _query(self, request: Request) -> dict[str, str]:
        query = dict(request.query)
        if request.operation == "ListObjectsV2" and int(query.get("max-keys", 1000)) > self.page_size:
            query["max-keys"] = str(self.page_size)
        return query

    def _sent(self, method: str, target: str, headers: Mapping[str, Any]) -> Answer:
        connection = HTTPConnection(self.upstream, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if name not in _OF_THE_CONNECTION:
                    connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            body = response.read()
            dropped = _OF_THE_CONNECTION | (set() if method == "HEAD" else {"content-length"})
            kept = {name.title(): value for name, value in response.getheaders() if name.lower() not in dropped}
            return Answer(response.status, kept, body)
        finally:
            connection.close()
