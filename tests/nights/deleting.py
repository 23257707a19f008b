"""How the service deletes: the order in which its jobs take objects, rows and the list of files about to be deleted."""

from __future__ import annotations

from tests.nights.service import Service

SOON = 600  # seconds that a content file's parts stay on the list while they are deleted

PARTS = (
    "SELECT f.key FROM s3_files f JOIN content_file_export_parts p ON p.s3_file_id = f.id"
    " JOIN content_file_exports e ON e.id = p.content_file_export_id WHERE e.content_file_id = :id ORDER BY f.id"
)
_IMAGE = (
    "SELECT f.key FROM s3_files f JOIN image_files i ON i.original_s3_file_id = f.id WHERE i.id = :id UNION ALL "
    "SELECT f.key FROM s3_files f JOIN image_file_exports e ON e.s3_file_id = f.id WHERE e.image_file_id = :id"
)
_UPLOADED = (
    "SELECT f.key FROM s3_files f JOIN s3_file_upload_parts p ON p.s3_file_id = f.id WHERE p.s3_file_upload_id = :id"
)
_JOURNAL = (
    "SELECT f.key FROM s3_files f WHERE f.id IN (SELECT s3_file_id FROM user_journal_master_keys WHERE user_id = :id"
    " UNION ALL SELECT s3_file_id FROM user_journal_client_keys WHERE user_id = :id)"
)


def file(service: Service, key: str) -> None:
    """The object, then its row, and with it what belongs to it."""
    service.bucket.delete(key)
    service.execute("DELETE FROM s3_files WHERE key = :key", key=key)


def keys_of_image(service: Service, image: int) -> list[str]:
    return service.ask(_IMAGE, id=image)


def image(service: Service, image: int) -> None:
    """The image's row, then file by file, the original too."""
    keys = keys_of_image(service, image)
    service.execute("DELETE FROM image_files WHERE id = :id", id=image)
    for key in keys:
        file(service, key)


def content(service: Service, content: int) -> str:
    """The row, then the parts of exports, which are on the list meanwhile. Returns the original, which it forgets."""
    (original,) = service.ask(
        "SELECT f.key FROM s3_files f JOIN content_files c ON c.original_s3_file_id = f.id WHERE c.id = :id", id=content
    )
    parts = service.ask(PARTS, id=content)
    service.execute("DELETE FROM content_files WHERE id = :id", id=content)
    for key in parts:
        service.purgatory[key] = service.ledger.now + SOON
        file(service, key)
    service.forget(parts)
    return str(original)


def upload(service: Service, upload: int) -> None:
    """The parts, and the row of the upload last."""
    for key in service.ask(_UPLOADED, id=upload):
        file(service, key)
    service.execute("DELETE FROM s3_file_uploads WHERE id = :id", id=upload)


def account(service: Service, user: int) -> None:
    """The keys of the journal, then the user; of a profile picture only the row that leads to it goes along."""
    for key in service.ask(_JOURNAL, id=user):
        file(service, key)
    service.execute("DELETE FROM users WHERE id = :id", id=user)


def sweep(service: Service) -> None:
    """What is due on the list: the row, then the object, then the entry."""
    for key in [key for key, due in service.purgatory.items() if due <= service.ledger.now]:
        service.execute("DELETE FROM s3_files WHERE key = :key", key=key)
        service.bucket.delete(key)
        service.forget([key])
