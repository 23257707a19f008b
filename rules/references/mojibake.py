"""UTF-8 that was read as Latin-1 or Windows-1252 and written again: `é` became `Ã©`.

ftfy repairs such text, too, but by weighing which reading looks like a language, and differently from version to
version. Here a second key says what the first should have been, so nothing is guessed: a run of characters that are
bytes in disguise is read again if those bytes are UTF-8, and is left alone if they are not.
"""

from __future__ import annotations

import re

# WHATWG's windows-1252: Latin-1, but for 27 of the 32 control characters; the five holes stay what they are.
_BYTES = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    character: byte for byte in range(0x80, 0xA0) if len(character := bytes([byte]).decode("cp1252", "ignore")) == 1
}
_RUN = re.compile(f"[{re.escape(''.join(_BYTES))}]+")


def undone(text: str) -> str:
    """The text with every run of disguised bytes read once as what it was.

    >>> undone("cafÃ©"), undone("â€œ"), undone("café"), undone("日本 Ã©")
    ('café', '“', 'café', '日本 é')
    """
    return text if text.isascii() else _RUN.sub(_read_again, text)


def _read_again(run: re.Match[str]) -> str:
    try:
        return bytes(_BYTES[character] for character in run[0]).decode()
    except UnicodeDecodeError:
        return run[0]
