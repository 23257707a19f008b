"""What goes wrong in the service, and how it is put right.

A mishap does its harm and yields the keys that the audit must name for it; asked for more, it repairs the harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor.plugins import load_specs
from tests.nights import deleting
from tests.nights.founding import upload_of_a_file
from tests.nights.life import Life
from tests.world import embeddings
from tests.world.bodies import fernet_key, transport_stream
from tests.world.files import Files
from tests.world.images import image_export
from tests.world.ledger import HOUR
from tests.world.media import export, video

Act = Callable[[Life], Iterator[list[str]]]


@dataclass(frozen=True)
class Mishap:
    """`young`: what it leaves is first accused when it is a day old, so one night later than it happens."""

    rule: str
    young: bool
    act: Act

    @property
    def name(self) -> str:
        return self.act.__name__.replace("_", " ")


def mishap(rule: str, *, young: bool = False) -> Callable[[Act], Mishap]:
    return lambda act: Mishap(rule, young, act)


# -- objects that no row records, and rows without an object


@mishap("REF001", young=True)
def crash_between_upload_and_row(life: Life) -> Iterator[list[str]]:
    """Redis was restarted, too, and has forgotten that the upload was protected, so nothing sweeps it."""
    crashed = life.service.begin(lambda files: one_export(files, life))
    life.service.forget(crashed.keys)
    yield crashed.keys
    for key in crashed.keys:
        life.service.bucket.delete(key)


@mishap("REF001", young=True)
def key_of_a_journal_without_its_row(life: Life) -> Iterator[list[str]]:
    """Such keys are protected by no list, whatever redis remembers."""
    key = f"s3_files/journals/keys/client/{life.service.files.names.uid('ujck')}"
    life.service.bucket.put(key, fernet_key(key))
    yield [key]
    life.service.bucket.delete(key)


@mishap("REF002")
def object_deleted_by_mistake(life: Life) -> Iterator[list[str]]:
    """Somebody tidied up in the console; a copy turns up later."""
    key = exports_of(life, life.stock.films.pop())[0]
    body = life.service.bucket.body(key)
    life.service.bucket.delete(key)
    yield [key]
    life.service.bucket.put(key, body)


# -- leaks: row and object are there, and nobody needs them


@mishap("REF004")
def replaced_film_leaves_its_original(life: Life) -> Iterator[list[str]]:
    """The deletion of a content file forgets the original."""
    old = life.stock.films.popleft()
    new = life.service.upload(lambda files: video(files, files.ago(900)))
    replace = "UPDATE course_videos SET content_file_id = :new WHERE content_file_id = :old"
    life.service.execute(replace, new=new.row, old=old)
    original = deleting.content(life.service, old)
    yield [original]
    deleting.file(life.service, original)


@mishap("REF004")
def deleted_account_leaves_its_picture(life: Life) -> Iterator[list[str]]:
    """The row that leads from the user to the picture goes with the user; picture and exports stay."""
    user = life.stock.pictured.popleft()
    (picture,) = life.service.ask("SELECT image_file_id FROM user_profile_pictures WHERE user_id = :user", user=user)
    deleting.account(life.service, user)
    yield deleting.keys_of_image(life.service, picture)
    deleting.image(life.service, picture)


@mishap("REF004", young=True)
def new_embeddings_leave_the_old_ones(life: Life) -> Iterator[list[str]]:
    """Nobody deletes what a newer file has replaced; what counts is how long it has been replaced."""
    old = life.stock.embedding
    life.stock.embedding = rebuilt(life)
    yield [old]
    deleting.file(life.service, old)


@mishap("REF007", young=True)
def upload_that_nobody_came_back_for(life: Life) -> Iterator[list[str]]:
    """It expired after an hour, and the job that should have deleted it has a name that does not exist."""
    begun = life.service.begin(lambda files: upload_of_a_file(files, done=False))
    upload = life.service.finish(begun)
    yield begun.keys
    deleting.upload(life.service, upload)


@mishap("UPL001", young=True)
def multipart_upload_begun_and_left(life: Life) -> Iterator[list[str]]:
    key = f"builds/frontend/{life.service.files.names.token(4)}.tar.gz"
    life.service.bucket.begin_multipart(key)
    yield [key]
    life.service.bucket.abort_multipart(key)


@mishap("REF008")
def file_in_use_left_on_the_list(life: Life) -> Iterator[list[str]]:
    """The next sweep would delete it; whoever reads the digest of the night comes just in time."""
    key = exports_of(life, life.stock.films.pop())[0]
    life.service.purgatory[key] = life.service.ledger.now + 11 * HOUR
    yield [key]
    life.service.forget([key])


# -- drift: the service has learnt something that the key specification does not say


@mishap("KEY001")
def statistics_in_a_folder_of_their_own(life: Life) -> Iterator[list[str]]:
    """A release writes a file for every class; the next one takes that back, and its files."""
    keys = [f"s3_files/class_info/{life.service.ledger.now}-{life.service.files.names.token(4)}.csv" for _ in range(2)]
    for key in keys:
        life.service.bucket.put(key, b"uid,title\n")
    yield keys
    for key in keys:
        life.service.bucket.delete(key)


@mishap("KEY002")
def films_in_segments(life: Life) -> Iterator[list[str]]:
    """A release cuts films into segments, and keeps them where the document has only `mp4`; then it is written down."""
    film = life.stock.films.popleft()
    segments = life.service.begin(lambda files: _segments(files, film))
    life.service.finish(segments)
    yield segments.keys
    life.service.documented = documented(life.service.path.parent)


def _segments(files: Files, film: int) -> None:
    at, uid = files.ledger.now, files.names.uid("cf")
    keys = [f"s3_files/videos/{uid}/hls/{files.names.token(8)}.ts" for _ in range(2)]
    stored = [files.store(key, transport_stream(key, 2), None, "video/MP2T", at=at) for key in keys]
    export(files, film, "m3u8", {"target_audio_bitrate_kbps": 128}, stored, at, 10)


def documented(folder: Path) -> list[str]:
    """The options that name a document and bindings with one template more."""
    shipped, template = load_specs()["file_service"](), "s3_files/videos/{content_file_uid}/hls/{random}.ts"
    document, bindings = folder / "keys.md", folder / "keys.toml"
    document.write_bytes(shipped.document.data + f"\n- `{template}`: a segment of a film\n".encode())
    fields = 'fields = { content_file_uid = "uid(cf)", random = "token(8)" }\ncontent = "mpeg-ts"\n'
    bound = f'\n[templates."{template}"]\nrows = "required"\ntables = ["content_file_export_parts"]\n{fields}'
    assert shipped.bindings is not None
    bindings.write_bytes(shipped.bindings.data + bound.encode())
    return ["--spec", str(document), "--bindings", str(bindings)]


# -- damage


@mishap("EMB004")
def embeddings_that_are_no_numbers(life: Life) -> Iterator[list[str]]:
    """The model was down for one journey; the file is built again, and the broken one deleted."""
    old, life.stock.embedding = life.stock.embedding, rebuilt(life, broken=True)
    deleting.file(life.service, old)
    broken = life.stock.embedding
    yield [broken]
    life.stock.embedding = rebuilt(life)
    deleting.file(life.service, broken)


def rebuilt(life: Life, *, broken: bool = False) -> str:
    """The key of a newer embedding file."""

    def draft(files: Files) -> str:
        made = embeddings.draft(files, life.stock.journeys)
        if broken:
            made.records[5].vector[3] = float("nan")
        return embeddings.write(files, made, files.ago(60))

    return life.service.upload(draft)


# -- what several need


def one_export(files: Files, life: Life) -> str:
    return image_export(files, life.stock.pictures.row, files.ago(600), "webp", (342, 72))


def exports_of(life: Life, content: int) -> list[str]:
    return life.service.ask(deleting.PARTS, id=content)


ALL = {one.name: one for one in list(globals().values()) if isinstance(one, Mishap)}
