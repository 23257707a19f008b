"""Real servers as processes or threads of a test: moto in this process, versitygw from PATH or $VERSITYGW."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from moto.server import ThreadedMotoServer

ACCESS_KEY, SECRET_KEY = "testkey", "testsecret"


def versitygw_binary() -> str | None:
    """Where the binary is: $VERSITYGW, or PATH. `go install github.com/versity/versitygw/cmd/versitygw@v1.8.0`."""
    return os.environ.get("VERSITYGW") or shutil.which("versitygw")


@contextlib.contextmanager
def moto_server() -> Iterator[str]:
    """The URL of a fresh moto server on 127.0.0.1."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextlib.contextmanager
def versitygw_server(binary: str, folder: Path, access: str = ACCESS_KEY, secret: str = SECRET_KEY) -> Iterator[str]:
    """The URL of a gateway over `folder` (an existing folder with `root/` and `meta/` to be made in it).

    What S3 keeps of an object beside its bytes lies in attributes of its file, or in `meta/` where files have none.
    """
    root, meta = folder / "root", folder / "meta"
    root.mkdir()
    meta.mkdir()
    port = free_port()
    beside = [] if _keeps_attributes(root) else ["--sidecar", str(meta)]
    keys = ["--access", access, "--secret", secret]
    command = [binary, *keys, "--port", f"127.0.0.1:{port}", "--quiet", "posix", *beside, str(root)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _keeps_attributes(folder: Path) -> bool:
    try:
        os.setxattr(folder, "user.auditor", b"")
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the server did not come up (exit code {process.poll()})")
