"""All that the service's code writes and its key specification does not say, several keys of each sort.

`tests.world.drift` plants one or two of most; here every family has as many keys as are wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auditor.spec.model import Fit
from tests.world.bodies import filler
from tests.world.files import Files
from tests.world.keys import body_of
from tests.world.ledger import DAY
from tests.world.names import Names

_BUILDS = tuple(
    f"builds/{place}/{file}"
    for place in ("frontend", "frontend-web", "frontend-ssr")
    for file in ("build.tar.gz", "build-stdout.txt", "build-stderr.txt")
)


@dataclass(frozen=True)
class Sort:
    """One sort of keys: how one is made (from chance and unix seconds), whether it has a row, how it fits."""

    key: Callable[[Names, int], str]
    recorded: bool = False
    fit: Fit = Fit.UNKNOWN
    family: str | None = None


SORTS: dict[str, Sort] = {
    "videos/hls": Sort(lambda n, _: f"videos/{n.uid('cf')}/hls/{n.token(8)}.ts", True, Fit.MALFORMED),
    "journey_videos": Sort(lambda n, _: f"videos/journey_videos/{n.token(16)}.mp4", True, Fit.MALFORMED),
    "journey_video_samples": Sort(lambda n, _: f"videos/journey_video_samples/{n.token(16)}.mp4", True, Fit.MALFORMED),
    "stitched": Sort(lambda n, _: f"voice_notes/stitched/{n.uid('vn')}/{n.token(4)}", True),
    "transcripts": Sort(lambda n, _: f"voice_notes/transcripts/{n.uid('vn')}/{n.token(4)}.vtt.fernet", True),
    "intensity": Sort(lambda n, _: f"voice_notes/time_vs_intensity/{n.uid('vn')}/{n.token(4)}.jsonlines.fernet", True),
    "class_info": Sort(lambda n, at: f"class_info/{at}-{n.token(4)}.csv"),
    "hinted by hand": Sort(lambda _, at: f"backup/database/{at}manual.bak", False, Fit.FITS, "backup/database"),
    "hinted by a job": Sort(
        lambda _, at: f"backup/database/{at}-repopulate_emotions.bak", False, Fit.FITS, "backup/database"
    ),
    "errors": Sort(lambda _, at: f"backup/database/timely/0056_user_history-errors-{at}.txt", False, Fit.MALFORMED),
    "merging": Sort(lambda n, at: f"merging/{n.uid('mal_o')}-{at}.txt.gz", True),
    "server images": Sort(
        lambda n, _: f"images/exports/{n.uid('if')}/{n.token(8)}.jpg", True, Fit.INVALID_FIELD, "images/exports"
    ),
}


def plant(files: Files, each: int) -> None:
    """`each` keys of every sort, and the nine files of the builds."""
    for name, sort in SORTS.items():
        for number in range(each):
            at = files.moment(10 * DAY, 900 * DAY) // 10_000 * 10_000 + number  # no two alike
            key = f"s3_files/{sort.key(files.names, at)}"
            _put(files, files.plant(f"drift: {name}", key), at, sort)
    for key in _BUILDS:
        _put(files, files.plant("drift: builds", key), files.moment(2 * DAY, 30 * DAY), SORTS["class_info"])


def _put(files: Files, key: str, at: int, sort: Sort) -> None:
    body = body_of(key, sort.family) if sort.family == "images/exports" else filler(key, 100)
    if sort.recorded:
        files.store(key, body, sort.family, "application/octet-stream", at=at, fit=sort.fit)
    else:
        files.ledger.put(key, body, at, sort.family, sort.fit)
