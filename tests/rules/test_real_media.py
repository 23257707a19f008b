"""Files by ffmpeg, with the settings of the service's exports: nothing is said of sound ones, and damage is seen."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from auditor.protocols import Depth
from rules.media import MediaRules
from tests.rules.judging import Bench

pytestmark = pytest.mark.server

_SOUND = ["-f", "lavfi", "-i", "sine=frequency=330:duration=12"]
_FILM = [*_SOUND, "-f", "lavfi", "-i", "testsrc=size=128x96:rate=12:duration=12", "-c:v", "mpeg4", "-c:a", "aac"]
_FAST = ["-movflags", "+faststart"]
_ORIGINALS = {
    "wav": [], "mp3": [], "flac": [], "ogg": ["-c:a", "libvorbis"], "webm": ["-c:a", "libopus"],
    "mka": ["-c:a", "flac"], "m4a": ["-c:a", "aac"], "mov": ["-c:a", "aac"],
    "aac": ["-c:a", "aac"], "aiff": [], "caf": ["-c:a", "pcm_s16le"],
}  # fmt: skip


@pytest.fixture
def ffmpeg() -> str:
    found = shutil.which("ffmpeg")
    if found is None:
        message = "ffmpeg is not installed (Debian: apt-get install ffmpeg)"
        pytest.fail(message) if os.environ.get("AUDITOR_NOTHING_SKIPPED") else pytest.skip(message)
    return found


def make(ffmpeg: str, path: Path, *arguments: str) -> bytes:
    command = [ffmpeg, "-nostdin", "-v", "error", "-y", *arguments, str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return path.read_bytes()


def bench(content: str, depth: Depth = Depth.FULL) -> Bench:
    return Bench(MediaRules(), content, "s3_files/audio/x/y", depth)


def segments(ffmpeg: str, folder: Path, *arguments: str) -> list[bytes]:
    hls = ["-f", "hls", "-hls_time", "5", "-hls_playlist_type", "vod", "-hls_segment_filename", str(folder / "%03d.ts")]
    make(ffmpeg, folder / "list.m3u8", *arguments, *hls)
    return [path.read_bytes() for path in sorted(folder.glob("*.ts"))]


def in_the_middle(body: bytes) -> int:
    """The number of a packet between two others of the same PID (its low byte tells them apart here)."""
    pids = [body[at + 2] for at in range(0, len(body), 188)]
    return next(n for n in range(len(pids) // 2, len(pids)) if pids[n - 1] == pids[n] == pids[n + 1])


@pytest.mark.parametrize("depth", Depth)
def test_mp4(ffmpeg: str, tmp_path: Path, depth: Depth) -> None:
    for arguments in ([*_SOUND, "-c:a", "aac", "-map_metadata", "-1"], _FILM):
        fast = make(ffmpeg, tmp_path / "fast.mp4", *arguments, *_FAST)
        slow = make(ffmpeg, tmp_path / "slow.mp4", *arguments)
        tested = bench("mp4", depth)
        assert (tested.codes(fast), len(tested.fetched) <= 3) == ([], True)
        assert bench("mp4", depth).codes(slow) == ["MED002"]
        for body in (fast, slow):
            assert bench("media-original", depth).codes(body) == []
            for cut in (30, len(body) // 2, len(body) - 1):
                assert bench("mp4", depth).codes(body[:cut]) == ["MED001"]


def test_fragmented_mp4(ffmpeg: str, tmp_path: Path) -> None:
    body = make(ffmpeg, tmp_path / "f.mp4", *_FILM, "-movflags", "frag_keyframe+empty_moov")
    for depth in Depth:
        assert bench("mp4", depth).codes(body) == []


def test_segments_of_hls(ffmpeg: str, tmp_path: Path) -> None:
    for number, arguments in enumerate(([*_SOUND, "-c:a", "aac"], _FILM)):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = segments(ffmpeg, folder, *arguments)
        assert len(made) >= 2
        for body in made:
            for depth in Depth:
                assert bench("mpeg-ts", depth).messages(body) == []
                assert bench("mpeg-ts", depth).codes(body[:-1]) == ["MED001"]
            at = 188 * in_the_middle(body)
            assert bench("mpeg-ts").codes(body[:at] + body[at + 188 :]) == ["MED001"]


@pytest.mark.parametrize("form", _ORIGINALS)
def test_originals(ffmpeg: str, tmp_path: Path, form: str) -> None:
    body = make(ffmpeg, tmp_path / f"original.{form}", *_SOUND, *_ORIGINALS[form])
    for depth in Depth:
        assert bench("media-original", depth).messages(body) == []
