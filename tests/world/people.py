"""Users and what hangs on them: profile pictures, journal keys, voice notes."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.spec.model import Fit
from tests.world.bodies import fernet_key, fernet_token
from tests.world.files import Files
from tests.world.images import image
from tests.world.ledger import DAY
from tests.world.media import audio


@dataclass(frozen=True)
class User:
    row: int
    sub: str


def user(files: Files, at: float) -> User:
    sub = files.names.uid("u")
    name = files.names.random.choice(("Ana", "Bjørn", "Chloé", "Dmitri", "エミ", None))
    return User(files.ledger.insert("users", at, sub=sub, given_name=name, created_at=at), sub)


def profile_picture(files: Files, owner: User | None, at: float, exports: int) -> None:
    """A picture of a user; of one who has deleted the account, where there is no owner."""
    picture = image(files, at, exports, ("png", "webp"), "png")
    if owner is None:
        files.plant("leaked", picture.uid)
        return
    values = {"uid": files.names.uid("upp"), "latest": 1, "source": '{"type":"oauth-token"}'}
    files.ledger.insert(
        "user_profile_pictures", at, user_id=owner.row, image_file_id=picture.row, created_at=at, **values
    )


def master_key(files: Files, owner: User, at: float) -> int:
    uid = files.names.uid("ujmk")
    key = f"s3_files/journals/keys/master/{uid}"
    stored = files.store(key, fernet_key(key), "journals/keys/master", at=at)
    return files.ledger.insert(
        "user_journal_master_keys", at, uid=uid, user_id=owner.row, s3_file_id=stored, created_at=at + 0.5
    )


def client_key(files: Files, owner: User, at: float) -> int:
    uid = files.names.uid("ujck")
    key = f"s3_files/journals/keys/client/{uid}"
    stored = files.store(key, fernet_key(key), "journals/keys/client", at=at)
    platform = files.names.random.choice(("browser", "ios", "android"))
    values = {"uid": uid, "user_id": owner.row, "s3_file_id": stored, "platform": platform}
    return files.ledger.insert("user_journal_client_keys", at, created_at=at + 0.5, **values)


def voice_note(files: Files, owner: User, at: float) -> None:
    """Audio under a name with a slash in it, and two encrypted files that the key specification does not know."""
    key_row = master_key(files, owner, at - DAY)
    content = audio(files, at, 20, (192, 1411), files.names.voice_note_name())
    uid = files.names.uid("vn")
    transcript = _encrypted(files, f"s3_files/voice_notes/transcripts/{uid}/{files.names.token(4)}.vtt.fernet", at)
    signal = f"s3_files/voice_notes/time_vs_intensity/{uid}/{files.names.token(4)}.jsonlines.fernet"
    files.ledger.insert(
        "voice_notes",
        at,
        uid=uid,
        user_id=owner.row,
        user_journal_master_key_id=key_row,
        transcript_s3_file_id=transcript,
        transcription_source='{"type":"ai","model":"whisper-1"}',
        audio_content_file_id=content.row,
        time_vs_avg_signal_intensity_s3_file_id=_encrypted(files, signal, at),
        created_at=at,
    )


def _encrypted(files: Files, key: str, at: float) -> int:
    kind = "text/vtt" if key.endswith(".vtt.fernet") else "application/jsonlines"
    files.plant("unknown-prefix", key)
    return files.store(key, fernet_token(key, int(at)), None, f"{kind}; encryption=fernet+ujmk", at=at, fit=Fit.UNKNOWN)
