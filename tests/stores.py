"""Where stores of sets can be: in a folder, and on an S3 server of this machine."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from workbench.documents.passages import StoreSpec

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDOFATEST", "AWS_SECRET_ACCESS_KEY": "a-very-secret-key-of-a-test"}


@dataclass(frozen=True)
class Place:
    """Where stores can be, and the environment that opens them."""

    root: str
    environ: Mapping[str, str]
    endpoint: str | None = None

    def store(self, name: str) -> StoreSpec:
        return StoreSpec(f"{self.root}/{name}", endpoint=self.endpoint, allow_http=self.endpoint is not None)


@contextmanager
def s3_server() -> Iterator[Place]:
    """A server that speaks the protocol of S3, with a bucket; the test is skipped where it is not installed."""
    server = pytest.importorskip("moto.server", reason="needs pip install 'cohere-workbench[test-lance]'")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        connection = http.client.HTTPConnection(host, port)
        who = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
        connection.request("PUT", "/team", headers={"Authorization": who})
        assert connection.getresponse().status == 200
        connection.close()
        yield Place("s3://team/some/path", KEYS, f"http://127.0.0.1:{port}")
    finally:
        running.stop()
