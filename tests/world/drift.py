"""What the service's code writes and its key specification does not say."""

from __future__ import annotations

import gzip

from auditor.spec.model import Fit
from tests.world import people
from tests.world.bodies import filler, mp4, transport_stream
from tests.world.catalogue import Catalogue
from tests.world.files import Files
from tests.world.ledger import DAY, HOUR
from tests.world.media import audio, export
from tests.world.referrers import use_content


def unknown_prefixes(files: Files, known: Catalogue) -> None:
    """No template's literal beginning begins these keys (KEY001); some have rows."""
    people.voice_note(files, known.users[1], files.moment(10 * DAY, 60 * DAY))
    stitched = f"s3_files/voice_notes/stitched/{files.names.uid('vn')}/{files.names.token(4)}"
    _unknown(files, stitched, filler(stitched, 200), "audio/unknown", files.ago(40 * DAY))
    at = files.moment(10 * DAY, 300 * DAY)
    operation = files.names.uid("mal_o")
    log = f"s3_files/merging/{operation}-{at}.txt.gz"
    _unknown(files, log, gzip.compress(b"merged\n", 6, mtime=0), "text/plain; charset=utf-8; compression=gzip", at, -1)
    values = {"uid": files.names.uid("mal"), "user_id": known.users[1].row, "operation_uid": operation}
    files.ledger.insert(
        "merge_account_log", at, **values, reason=f'{{"context":{{"log":{{"key":"{log}"}}}}}}', created_at=at
    )
    when = files.moment(3 * DAY, 9 * DAY)
    _bare(files, f"s3_files/class_info/{when}-{files.names.token(4)}.csv", b"uid,title\n", when)
    for name in ("frontend-web/build.tar.gz", "frontend-web/build-stdout.txt", "frontend-ssr/build.tar.gz"):
        _bare(files, f"builds/{name}", filler(name, 150), files.moment(2 * DAY, 30 * DAY))
    _bare(files, "builds/frontend-ssr/build-stderr.txt", b"", files.ago(3 * HOUR))  # being young excuses nothing


def malformed(files: Files) -> None:
    """They begin like a template and then depart (KEY002); the service wrote them all."""
    lost_rows(files)
    for folder in ("journey_videos", "journey_video_samples"):
        key = f"s3_files/videos/{folder}/{files.names.token(16)}.mp4"
        _departed(files, key, mp4(key, 300), "video/mp4")
    errors = f"s3_files/backup/database/timely/0056_user_history-errors-{files.ago(900 * DAY)}.txt"
    files.ledger.put(files.plant("malformed", errors), b"none\n", files.ago(900 * DAY), None, Fit.MALFORMED)
    content = audio(files, files.ago(100 * DAY), 10, (64,))
    use_content(files, content.row, files.ago(100 * DAY))
    at = files.ago(100 * DAY)
    segments = []
    for _ in range(2):
        key = f"s3_files/videos/{content.uid}/hls/{files.names.token(8)}.ts"
        segments.append(_departed(files, key, transport_stream(key, 2), "video/MP2T"))
    export(files, content.row, "m3u8", {"target_audio_bitrate_kbps": 128}, segments, at, 10)


def lost_rows(files: Files) -> None:
    """Rows whose keys are no keys of the document, and whose objects are gone: nothing to say about them."""
    for key in (
        f"s3_files/merging/{files.names.uid('mal_o')}-1700000000.txt.gz",
        f"s3_files/videos/{files.names.token(16)}.mp4",
    ):
        fit = Fit.UNKNOWN if "merging" in key else Fit.MALFORMED
        files.record(files.plant("lost-outside", key), None, 99, born=files.ago(200 * DAY), fit=fit)


def _unknown(files: Files, key: str, body: bytes, kind: str, at: float, size: int | None = None) -> None:
    files.store(files.plant("unknown-prefix", key), body, None, kind, at=at, size=size, fit=Fit.UNKNOWN)


def _bare(files: Files, key: str, body: bytes, at: float) -> None:
    files.ledger.put(files.plant("unknown-prefix", key), body, at, None, Fit.UNKNOWN)


def _departed(files: Files, key: str, body: bytes, kind: str) -> int:
    return files.store(files.plant("malformed", key), body, None, kind, at=files.ago(100 * DAY), fit=Fit.MALFORMED)
