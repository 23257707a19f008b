"""What fills the bucket: the proportions of a real one, as near as the number of objects allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.world import people
from tests.world.catalogue import FIRST_DAY, LAST_DAY, Catalogue, background, journey
from tests.world.files import Files
from tests.world.ledger import DAY
from tests.world.media import BITRATES, audio, video

SHARES = {"images": 0.79, "pictures": 0.07, "audio": 0.09, "videos": 0.02, "keys": 0.03}  # by count


class Filler:
    """Adds one thing at a time, always of the kind that is furthest behind its share."""

    def __init__(self, files: Files, known: Catalogue, budget: int) -> None:
        self.files = files
        self.known = known
        self.budget = budget
        self.made: Counter[str] = Counter()
        self.makers: dict[str, Callable[[float], None]] = {
            "images": self._images,
            "pictures": self._picture,
            "audio": self._audio,
            "videos": self._video,
            "keys": self._key,
        }

    def run(self) -> None:
        start = self.files.ledger.size()
        while (done := self.files.ledger.size() - start) < self.budget:
            kind = max(SHARES, key=lambda name: SHARES[name] * (done + 1) - self.made[name])
            before = self.files.ledger.size()
            self.makers[kind](self.files.moment(LAST_DAY, FIRST_DAY - 30 * DAY))
            self.made[kind] += self.files.ledger.size() - before

    def _images(self, at: float) -> None:
        """A journey's pictures: 182 exports each in a large bucket, a few in a small one."""
        pictures = background(self.files, at, max(2, min(182, self.budget // 120)))
        if self.files.names.random.random() < 0.9:
            self.known.journeys.append(journey(self.files, at, pictures, self.known.sound, 1))

    def _picture(self, at: float) -> None:
        owner = people.user(self.files, at)
        self.known.users.append(owner)
        people.profile_picture(self.files, owner, at, max(2, min(28, self.budget // 200)))

    def _audio(self, at: float) -> None:
        if self.budget < 20_000:
            bitrates, seconds = BITRATES[1:4:2], self.files.names.random.choice((20, 60))
        else:
            bitrates, seconds = BITRATES, self.files.names.random.choice((60, 120, 600))
        content = audio(self.files, at, seconds, bitrates)
        values = {"uid": self.files.names.uid("jac"), "content_file_id": content.row}
        self.files.ledger.insert("journey_audio_contents", at, created_at=at, **values)

    def _video(self, at: float) -> None:
        content = video(self.files, at, exports=self.files.names.random.randint(1, 4))
        values = {"uid": self.files.names.uid("cv"), "content_file_id": content.row}
        self.files.ledger.insert("course_videos", at, created_at=at, **values)

    def _key(self, at: float) -> None:
        """Keys belong to users that were there before: the six of the first days."""
        owner = self.files.names.random.choice(self.known.users[:6])
        make = people.master_key if self.files.names.random.random() < 0.6 else people.client_key
        make(self.files, owner, at)
