"""Any bytes as a list of words: a sentence that can be shown and quotes nothing, or none."""

from __future__ import annotations

from rules.word_lists import list_fault

SEEDS = (b"angry\ncalm\nhappy", b"a\r\nb", b"\xff", b"b\na\n", b"\n", b"")


def one(data: bytes) -> None:
    for whole in (True, False):
        fault = list_fault(data, whole=whole)
        assert fault is None or fault.isprintable()
    if list_fault(data) is None:
        words = data.decode().removesuffix("\n").split("\n")
        assert words == sorted(words)
