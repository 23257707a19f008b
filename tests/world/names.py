"""Uids, tokens and original names as the service draws them, from one seeded generator per section of the world."""

from __future__ import annotations

import base64
import random


class Names:
    """A section's own source of chance: what one section draws never moves another."""

    def __init__(self, seed: int, section: str) -> None:
        self.random = random.Random(f"{seed}/{section}")

    def token(self, size: int) -> str:
        """Unpadded base64url of `size` random bytes: 4 -> 6, 8 -> 11, 16 -> 22 characters."""
        return base64.urlsafe_b64encode(self.random.randbytes(size)).rstrip(b"=").decode()

    def uid(self, prefix: str) -> str:
        return f"oseh_{prefix}_{self.token(16)}"

    def digest(self) -> str:
        """Hex of a SHA-512 of something that nobody kept."""
        return self.random.randbytes(64).hex()

    def voice_note_name(self) -> str:
        """What a voice note's original is called: a slash, apostrophes and the user's sub in it."""
        return f"{self.uid('vn')}/b'{self.uid('u')}'-{self.token(16)}"
