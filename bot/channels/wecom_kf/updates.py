"""Customer service's messages and events as what the rest of the service knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.received_text import clean_name
from bot.channels.wecom.files import FileToFetch
from bot.channels.wecom.updates import PRESSED, readable
from bot.channels.wecom_kf.limits import SCENE_PARAM_BYTES, FailType, Origin, SessionChange
from store.messages import Channel, Incoming, IncomingKind


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's message. `sent_at` is when they wrote it: the window counts from there."""

    incoming: Incoming
    file: FileToFetch | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """A customer opened the chat. `code` is WeChat's for a greeting, empty where none may be sent.

    `parameter` is what the link carried by which they came.
    """

    address: str
    code: str
    parameter: str = ""
    msgid: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that was taken did not arrive."""

    msgid: str
    why: FailType


@dataclass(frozen=True, slots=True)
class SessionMoved:
    """A session went to a servicer, to another one, or ended."""

    msgid: str
    address: str
    change: SessionChange
    old_servicer: str
    new_servicer: str


@dataclass(frozen=True, slots=True)
class ServicerSaid:
    """A servicer wrote to the customer, in WeCom itself."""

    msgid: str
    address: str
    servicer: str
    text: str


Update = Said | Entered | Failed | SessionMoved | ServicerSaid


def read(message: Mapping[str, Any], now: datetime) -> Update | None:
    """Return what the message says; None for what is not for us, or not of the documented form."""
    msgid = _text(message, "msgid")
    if not msgid or len(msgid) > 150:
        return None
    if message.get("msgtype") == "event":
        event = message.get("event")
        return _event(msgid, event) if isinstance(event, Mapping) else None
    address = _text(message, "external_userid")
    if not address or len(address) > 150:
        return None
    match message.get("origin"):
        case Origin.CUSTOMER:
            return _said(message, msgid, address, now)
        case Origin.SERVICER:
            text = _text(_part(message, "text"), "content")
            return ServicerSaid(msgid, address, _text(message, "servicer_userid"), text)
        case _:
            return None


def who_said(message: object) -> tuple[str, str]:
    """Return the number of a message and the customer who wrote it; empty texts where there are none."""
    if not isinstance(message, Mapping):
        return "", ""
    customer = "" if message.get("msgtype") == "event" else _text(message, "external_userid")
    return _text(message, "msgid")[:150], customer


def _said(message: Mapping[str, Any], msgid: str, address: str, now: datetime) -> Said:
    kind, text, pressed, file = _content(message)
    incoming = Incoming(
        channel=Channel.WECOM_KF,
        address=address,
        update_id=msgid,
        kind=kind,
        received_at=now,
        text=text,
        pressed=pressed,
    )
    # WeChat tells whole seconds: what we sent in the second of the customer's message was sent before it.
    return Said(incoming, file, min(_instant(message.get("send_time"), now) + timedelta(seconds=1), now))


def _content(message: Mapping[str, Any]) -> tuple[IncomingKind, str, str, FileToFetch | None]:
    kind = str(message.get("msgtype"))
    part = _part(message, kind)
    media_id = _text(part, "media_id")
    match kind:
        case "text" if PRESSED.fullmatch(_text(part, "menu_id")):
            return IncomingKind.PRESS, "", _text(part, "menu_id"), None
        case "text":
            return (*readable(_text(part, "content")), "", None)
        case "image":
            return IncomingKind.PHOTO, "", "", FileToFetch(media_id, "照片.jpg", "image/jpeg")
        case "voice":
            return IncomingKind.VOICE, "", "", FileToFetch(media_id, "语音.amr", "audio/amr")
        case "file":
            name = clean_name(_text(part, "file_name")) or "文件"
            return IncomingKind.DOCUMENT, "", "", FileToFetch(media_id, name, "application/octet-stream")
        case "location":
            return IncomingKind.OTHER, clean_name(_text(part, "name")), "", None
        case "link":
            return IncomingKind.OTHER, clean_name(_text(part, "title")), "", None
        case _:
            return IncomingKind.OTHER, "", "", None


def _event(msgid: str, event: Mapping[str, Any]) -> Update | None:
    address = _text(event, "external_userid")
    match event.get("event_type"):
        case "enter_session" if address:
            parameter = _text(event, "scene_param").encode()[:SCENE_PARAM_BYTES].decode(errors="ignore")
            return Entered(address, _text(event, "welcome_code"), parameter, msgid)
        case "msg_send_fail":
            return Failed(_text(event, "fail_msgid"), _why(event.get("fail_type")))
        case "session_status_change" if event.get("change_type") in list(SessionChange):
            return SessionMoved(
                msgid,
                address,
                SessionChange(event["change_type"]),
                _text(event, "old_servicer_userid"),
                _text(event, "new_servicer_userid"),
            )
        case _:
            return None


def _why(value: object) -> FailType:
    try:
        return FailType(value) if isinstance(value, int) else FailType.UNKNOWN
    except ValueError:
        return FailType.UNKNOWN


def _part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = message.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _instant(value: object, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(value, UTC) if isinstance(value, int) else now
    except (OverflowError, OSError, ValueError):
        return now
