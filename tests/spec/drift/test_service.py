"""The drift of the real service: every family that its code writes and its document does not know."""

from __future__ import annotations

import random

import pytest

from tests.spec.drift.observing import drift_of, kinds, shipped, templates
from tests.world.hostile import DEPARTED, OUTSIDE
from tests.world.names import Names
from tests.world.rich_drift import SORTS

EXPECTED = {
    "s3_files/videos/{content_file_uid}/hls/{random}.ts": {"content_file_uid": "uid(cf)", "random": "token(8)"},
    "s3_files/videos/journey_videos/{random}.mp4": {"random": "token(16)"},
    "s3_files/videos/journey_video_samples/{random}.mp4": {"random": "token(16)"},
    "s3_files/voice_notes/stitched/{vn_uid}/{random}": {"vn_uid": "uid(vn)", "random": "token(4)"},
    "s3_files/voice_notes/transcripts/{vn_uid}/{random}.vtt.fernet": {"vn_uid": "uid(vn)", "random": "token(4)"},
    "s3_files/voice_notes/time_vs_intensity/{vn_uid}/{random}.jsonlines.fernet": {
        "vn_uid": "uid(vn)",
        "random": "token(4)",
    },
    "s3_files/class_info/{timestamp}-{random}.csv": {"timestamp": "timestamp", "random": "token(4)"},
    "s3_files/backup/database/timely/0056_user_history-errors-{timestamp}.txt": {"timestamp": "timestamp"},
    "s3_files/merging/{mal_o_uid}-{timestamp}.txt.gz": {"mal_o_uid": "uid(mal_o)", "timestamp": "timestamp"},
    "s3_files/images/exports/{image_file_uid}/{random}.jpg": {"image_file_uid": "uid(if)", "random": "token(8)"},
}
HINTED = {"hinted by hand", "hinted by a job"}


def keys(each: int, seed: int) -> list[str]:
    """Of every sort but those that the document has a kind for already."""
    names = Names(seed, "drift")
    sorts = [sort for name, sort in SORTS.items() if name not in HINTED]
    return [f"s3_files/{sort.key(names, 1_700_000_000 + number)}" for sort in sorts for number in range(each)]


@pytest.mark.parametrize(("each", "seed"), [(2, 1), (3, 1), (3, 2), (3, 3), (20, 1), (300, 1)])
def test_every_family_gets_the_template_that_one_would_write(each: int, seed: int) -> None:
    drift = drift_of(shipped(), keys(each, seed))
    assert templates(drift) == dict.fromkeys(EXPECTED, each)
    assert kinds(drift) == EXPECTED
    assert drift.left.objects == 0


def test_one_key_of_each_family_is_enough_where_its_characters_are_mixed() -> None:
    assert templates(drift_of(shipped(), keys(1, 4))) == dict.fromkeys(EXPECTED, 1)


def test_only_what_has_the_form_of_a_family_says_so() -> None:
    forms = {one.named.text: one.form_of for one in drift_of(shipped(), keys(3, 1)).proposals if one.form_of}
    assert forms == {"s3_files/images/exports/{image_file_uid}/{random}.jpg": "images/exports"}


def test_noise_changes_no_proposal_and_is_in_none() -> None:
    noise = [*OUTSIDE, *DEPARTED, *rubbish(40), "x/{brace}", "x/back`tick", "a//b", "../x", "s3_files/uploads/first/x"]
    drift = drift_of(shipped(), [*keys(3, 1), *noise])
    proposed = templates(drift)
    assert {text: count for text, count in proposed.items() if text in EXPECTED} == dict.fromkeys(EXPECTED, 3)
    rest = [one for one in drift.proposals if one.named.text not in EXPECTED]
    assert all(one.tally.objects == 1 or "{" not in one.named.text.split("/")[0] for one in rest)
    hostile = {key for key in OUTSIDE if "/" not in key}
    assert not hostile & {example for one in drift.proposals for example in one.tally.examples}


def rubbish(count: int) -> list[str]:
    source = random.Random(1)
    letters = "ab/.-_ \n\x00é\u2028😀{}`*|\\"
    return ["".join(source.choices(letters, k=source.randint(1, 30))) for _ in range(count)]


def test_a_hint_that_the_bindings_do_not_know_widens_the_kind() -> None:
    document, bindings = shipped().document, shipped().bindings
    assert bindings is not None
    plain = bindings.data.replace(b"timestamp(hint)", b"timestamp")
    from auditor.spec import Source
    from auditor.spec.drift import Base

    hinted = [f"s3_files/backup/database/{1_700_000_000 + number}{hint}.bak" for number, hint in enumerate(HINTS)]
    drift = drift_of(Base(document, Source("plain.toml", plain), strict=True), hinted)
    (proposal,) = drift.proposals
    assert proposal.named.kinds == {"timestamp": "timestamp(hint)"}
    assert proposal.replaces == {"timestamp": "timestamp"}
    assert proposal.tally.objects == len(HINTS)


HINTS = ("manual", "manual", "-repopulate_emotions")
