"""Files that people send on Telegram, fetched before their message is stored."""

from __future__ import annotations

import io
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from bot.channels.telegram.limits import DOWNLOAD_BYTES
from store.attachments import MAX_BYTES

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FileToFetch:
    """A file that came with a message; its bytes are fetched before the message is stored."""

    file_id: str
    filename: str
    media_type: str


async def fetch(bot: Bot, file: FileToFetch) -> bytes | None:
    """Return the file's bytes; None where it cannot be fetched or is too large: the person is told so."""
    try:
        described = await bot.get_file(file.file_id)
        if described.file_path is None or (described.file_size or 0) > min(MAX_BYTES, DOWNLOAD_BYTES):
            return None
        data = io.BytesIO()
        await bot.download_file(described.file_path, data)
    except TelegramAPIError as error:
        log.warning("a file could not be fetched", error=type(error).__name__)
        return None
    return data.getvalue() if len(data.getvalue()) <= MAX_BYTES else None
