"""WeCom's callbacks as what the rest of the service knows: `Incoming`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from bot.channels.received_text import UnreadableTextError, clean, clean_name
from bot.channels.texts import TEXTS
from bot.channels.wecom.files import FileToFetch
from bot.channels.wecom.limits import CARD_CODE_CHARACTERS
from store.messages import Channel, Incoming, IncomingKind

PRESSED = re.compile(r"[1-9][0-9]{0,17}:[0-9]{1,3}")
_MENU = "wecom.menu."
ENTERED = "enter_agent"
LEFT = "unsubscribe"


def menu() -> list[dict[str, str]]:
    """Return the application's menu: what each entry is called, and the key that comes back when it is clicked."""
    texts = TEXTS.keys()
    keys = sorted(key for key in texts if key.startswith(_MENU) and key.endswith(".name"))
    return [
        {"type": "click", "name": TEXTS.say(key), "key": key.removeprefix(_MENU).removesuffix(".name")}
        for key in keys
    ]


def from_callback(
    fields: Mapping[str, str], agent_id: int, now: datetime
) -> tuple[Incoming, FileToFetch | None] | None:
    """Return what a member did and the file that came with it; None for what is not said to us."""
    member = fields.get("FromUserName", "")
    if not member or len(member) > 64 or fields.get("AgentID", str(agent_id)) != str(agent_id):
        return None
    read = _event(fields) if fields.get("MsgType") == "event" else _message(fields)
    if read is None:
        return None
    kind, text, pressed, file = read
    incoming = Incoming(
        channel=Channel.WECOM,
        address=member,
        update_id=_update_id(fields, agent_id),
        kind=kind,
        received_at=now,
        text=text,
        pressed=pressed,
        card_code=fields.get("ResponseCode", "")[:CARD_CODE_CHARACTERS] if pressed else "",
    )
    return incoming, file


_Read = tuple[IncomingKind, str, str, FileToFetch | None]


def _message(fields: Mapping[str, str]) -> _Read:
    media_id = fields.get("MediaId", "")
    match fields.get("MsgType"):
        case "text":
            return (*readable(fields.get("Content", "")), "", None)
        case "image":
            return IncomingKind.PHOTO, "", "", FileToFetch(media_id, "照片.jpg", "image/jpeg")
        case "voice":
            return IncomingKind.VOICE, "", "", FileToFetch(media_id, "语音.amr", "audio/amr")
        case "location":
            return IncomingKind.OTHER, clean_name(fields.get("Label", "")), "", None
        case "link":
            return IncomingKind.OTHER, clean_name(fields.get("Title", "")), "", None
        case _:
            return IncomingKind.OTHER, "", "", None


def _event(fields: Mapping[str, str]) -> _Read | None:
    key = fields.get("EventKey", "")
    match fields.get("Event", "").lower():
        case "click" if f"{_MENU}{key}.says" in TEXTS:
            return IncomingKind.TEXT, TEXTS.say(f"{_MENU}{key}.says"), "", None
        case "template_card_event" if PRESSED.fullmatch(key):
            return IncomingKind.PRESS, "", key, None
        case "subscribe" | "enter_agent":
            return IncomingKind.START, "", "", None
        case "unsubscribe":
            return IncomingKind.STOP, "", "", None
        case _:
            return None


def readable(raw: str) -> tuple[IncomingKind, str]:
    """Return the text made safe to keep, or that it is of no kind we read."""
    try:
        return IncomingKind.TEXT, clean(raw)
    except UnreadableTextError:
        return IncomingKind.OTHER, ""


def _update_id(fields: Mapping[str, str], agent_id: int) -> str:
    """Return the message's number; an event has none, so what it says and when (回调配置: FromUserName + CreateTime)."""
    if fields.get("MsgId"):
        return f"{agent_id}:{fields['MsgId']}"[:200]
    told = [fields.get(name, "") for name in ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId")]
    return f"{agent_id}:event:{hashlib.sha256('|'.join(told).encode()).hexdigest()}"
