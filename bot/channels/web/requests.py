"""Reads what the page sends. Nothing of it is trusted: form, size, origin."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import Request

from bot.channels.received_text import UnreadableTextError, clean, clean_name
from bot.channels.texts import TEXTS
from bot.channels.web.refusal import Refusal
from store.attachments import MAX_BYTES

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_PRESSED = re.compile(r"[1-9][0-9]{0,17}:[0-9]{1,3}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}/[a-z0-9][a-z0-9.+-]{0,80}")
_PAYLOAD = 64
MAX_JSON_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """A message that the page sent. The page numbers it itself, so that sending it again is the same message."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed on the page: `12:0`, the message and the place of the choice in it."""

    message_id: str
    pressed: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The page was opened by a link that says something: `/?start=…`."""

    message_id: str
    payload: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that the page sent."""

    message_id: str
    filename: str
    media_type: str
    data: bytes


def require_our_page(request: Request, public_url: str) -> None:
    """Raise Refusal where another site's page made the browser send this."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    hosts = {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    foreign_origin = origin is not None and urlsplit(origin).netloc not in hosts
    if (site is not None and site not in ("same-origin", "none")) or (site is None and foreign_origin):
        raise Refusal(403, TEXTS.say("web.not_from_page"))


async def read_message(request: Request) -> Written:
    """Return the message. Raises Refusal with the sentence to show."""
    body = await _json(request)
    text = body.get("text")
    if not isinstance(text, str):
        raise Refusal(422, TEXTS.say("web.malformed"))
    try:
        return Written(_message_id(body.get("id")), clean(text))
    except UnreadableTextError as error:
        raise Refusal(422, str(error)) from error


async def read_press(request: Request) -> Pressed:
    """Return the pressed button. Raises Refusal with the sentence to show."""
    body = await _json(request)
    pressed = body.get("pressed")
    if not isinstance(pressed, str) or not _PRESSED.fullmatch(pressed):
        raise Refusal(422, TEXTS.say("web.malformed"))
    return Pressed(_message_id(body.get("id")), pressed)


async def read_start(request: Request) -> Opened:
    """Return what the link carried. Raises Refusal with the sentence to show."""
    body = await _json(request)
    payload = body.get("payload")
    if not isinstance(payload, str) or not payload:
        raise Refusal(422, TEXTS.say("web.malformed"))
    return Opened(_message_id(body.get("id")), clean_name(payload)[:_PAYLOAD])


async def read_file(request: Request) -> Uploaded:
    """Return the uploaded file. Raises Refusal with the sentence to show."""
    message_id = _message_id(request.headers.get("x-message-id"))
    filename = clean_name(unquote(request.headers.get("x-filename", ""), errors="replace"))
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(media_type):
        media_type = "application/octet-stream"
    too_large = Refusal(413, TEXTS.say("web.file_too_large", limit=f"{MAX_BYTES // 1024 // 1024}MB"))
    data = await _body(request, MAX_BYTES, too_large)
    if not data:
        raise Refusal(422, TEXTS.say("web.file_empty"))
    return Uploaded(message_id, filename or "文件", media_type, data)


def _message_id(value: object) -> str:
    if not isinstance(value, str) or not _MESSAGE_ID.fullmatch(value):
        raise Refusal(422, TEXTS.say("web.malformed"))
    return value


async def _json(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, TEXTS.say("web.not_from_page"))
    body = await _body(request, MAX_JSON_BYTES, Refusal(413, TEXTS.say("web.malformed")))
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(422, TEXTS.say("web.malformed")) from error
    if not isinstance(parsed, dict):
        raise Refusal(422, TEXTS.say("web.malformed"))
    return parsed


async def _body(request: Request, limit: int, too_large: Refusal) -> bytes:
    """Return the body, read no further than the limit."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > limit:
        raise too_large
    kept = bytearray()
    async for chunk in request.stream():
        kept += chunk
        if len(kept) > limit:
            raise too_large
    return bytes(kept)
