"""Files out and in: WeCom keeps them for three days under an id, we for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.channels.texts import TEXTS
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomApiError, WecomUnreachableError
from bot.channels.wecom.limits import PHOTO_UPLOAD_BYTES, SMALLEST_FILE_BYTES, Meaning
from bot.channels.wecom.pieces import FilePiece, PicturePiece
from bot.channels.writers import known_writer
from bot.pictures.picture import MEDIA_TYPE, picture_of
from store.asker import SYSTEM
from store.attachments import MAX_BYTES
from store.database import Database
from store.messages import Incoming

log = structlog.get_logger()


FETCH_TRIES = 8  # by customer service's pauses a minute; then the message is stored without its file
_REMEMBERED = 1_000


class TooSmallError(Exception):
    """WeCom takes no file of so few bytes."""


@dataclass(frozen=True, slots=True)
class FileToFetch:
    """A file that came with a message; its bytes are fetched before the message is stored."""

    media_id: str
    filename: str
    media_type: str


async def upload(client: WecomClient, database: Database, piece: FilePiece) -> tuple[str, str]:
    """Return kind and id of the kept file at WeCom. Raises WecomError, NotVisibleError, TooSmallError."""
    async with database.reading() as tx:
        kept, data = await tx.attachments(SYSTEM).read(piece.attachment_id)
    if len(data) < SMALLEST_FILE_BYTES:
        raise TooSmallError(f"a file of {len(data)} bytes, WeCom takes {SMALLEST_FILE_BYTES} or more")
    kind = "image" if piece.picture and len(data) <= PHOTO_UPLOAD_BYTES else "file"
    return kind, await client.upload(kind, piece.filename, kept.media_type, data)


async def upload_picture(client: WecomClient, piece: PicturePiece) -> str | None:
    """Return the id of the drawn picture at WeCom; None where it cannot be drawn or is refused: its words serve.

    Raises WecomError for anything that is no fault of the picture.
    """
    data = await picture_of(piece.what)
    if data is None or len(data) > PHOTO_UPLOAD_BYTES:
        return None
    try:
        return await client.upload("image", TEXTS.say("picture.filename"), MEDIA_TYPE, data)
    except WecomApiError as error:
        if error.meaning is not Meaning.CONTENT:
            raise
        log.warning("a picture was refused: its words go out instead", code=error.code)
        return None


async def keep(
    client: WecomClient, database: Database, incoming: Incoming, file: FileToFetch, now: datetime
) -> int | None:
    """Return the id of the kept file; None where it is gone or too large: the person is told so.

    Raises WecomError when WeCom is out of reach: then the message is not stored yet and comes again.
    """
    try:
        data = await client.download(file.media_id, MAX_BYTES)
    except WecomApiError as error:
        log.warning("a file could not be fetched", code=error.code)
        return None
    if not data:
        return None
    async with database.transaction() as tx:
        person = await known_writer(tx, incoming.channel, incoming.address, incoming.sender_name, now)
        kept = await tx.attachments(person.as_asker()).keep(
            data, file.filename, file.media_type, person.id, now
        )
    return kept.id


class PatientKeeping:
    """Keeps files, and knows how often one could not be fetched: it must not keep its message from being stored for ever."""

    def __init__(self, client: WecomClient, database: Database) -> None:
        self._client = client
        self._database = database
        self._failed: dict[str, int] = {}

    async def keep(self, incoming: Incoming, file: FileToFetch, now: datetime) -> int | None:
        """Return the id of the kept file; None where it is gone, too large, or was asked for in vain often enough.

        Raises WecomError when WeCom is out of reach: then the message is not stored yet and comes again.
        """
        failed = self._failed.pop(incoming.update_id, 0)
        try:
            return await keep(self._client, self._database, incoming, file, now)
        except WecomUnreachableError as error:
            if failed + 1 < FETCH_TRIES:
                self._failed[incoming.update_id] = failed + 1
                if len(self._failed) > _REMEMBERED:
                    del self._failed[next(iter(self._failed))]
                raise
            log.error("a file is given up: its message is stored without it", error=str(error))
            return None
