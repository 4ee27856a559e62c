"""What the page is given to draw: messages in both directions as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.texts import TEXTS
from store.asker import SYSTEM
from store.messages import Channel, CitationPart, IncomingKind, Part
from store.records import InboxItem, OutboxItem
from store.transaction import Transaction

HISTORY = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cursor_of(item: OutboxItem) -> str:
    """Return the event id of a sent message: what was sent later has a greater one."""
    return str((_sent_at(item) - _EPOCH) // timedelta(microseconds=1))


def after_cursor(cursor: str) -> datetime:
    """Return the instant of an event id; the beginning of time where it is none of ours."""
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > 17:
        return _EPOCH
    return _EPOCH + timedelta(microseconds=int(cursor))


async def sent_message(
    tx: Transaction, item: OutboxItem, known: Mapping[int, InboxItem] | None = None
) -> dict[str, Any]:
    """Return a message to the person, with the words it answers: another tab of theirs may not have them."""
    asked = None
    if item.inbox_id is not None:
        asked = (known or {}).get(item.inbox_id) or await tx.inbox.get(item.inbox_id)
    return {
        "from": "person" if item.content.speaker else "bot",
        "id": item.id,
        "at": _sent_at(item).isoformat(),
        "parts": [_drawn(part) for part in item.content.parts],
        "choices": [choice.text for choice in item.content.choices],
        "asked": await _received(tx, asked, {}) if asked is not None else None,
    }


async def history(tx: Transaction, person_id: int, address: str) -> tuple[list[dict[str, Any]], str]:
    """Return the last messages of both directions in the order of their times, and the event id to go on from."""
    sent = await tx.outbox.sent_to(Channel.WEB, address, None, HISTORY)
    received = [
        item
        for item in await tx.inbox.of_person(person_id, HISTORY)
        if item.channel is Channel.WEB and item.address == address
    ]
    shown = {item.id: item for item in sent}
    known = {item.id: item for item in received}
    entries = [
        (item.content.received_at, 0, item.id, await _received(tx, item, shown)) for item in received
    ] + [(_sent_at(item), 1, item.id, await sent_message(tx, item, known)) for item in sent]
    entries.sort(key=lambda entry: entry[:3])
    return [entry[3] for entry in entries[-HISTORY:] if entry[3] is not None], cursor_of(
        sent[-1]
    ) if sent else "0"


async def _received(
    tx: Transaction, item: InboxItem, shown: Mapping[int, OutboxItem]
) -> dict[str, Any] | None:
    if item.channel is not Channel.WEB:
        return None
    content = item.content
    text = content.text
    if content.kind is IncomingKind.START:
        text = TEXTS.say("web.opened_link")
    if content.kind is IncomingKind.PRESS:
        text = await _label(tx, item, shown)
    if content.attachment_id is not None:
        kept = await tx.attachments(SYSTEM).seen_among([content.attachment_id])
        text = text or next((file.filename for file in kept.values()), "")
    return {
        "from": "me",
        "id": item.update_id.partition(":")[2],
        "at": content.received_at.isoformat(),
        "text": text,
        "kind": content.kind.value,
        "file": content.attachment_id,
    }


async def _label(tx: Transaction, press: InboxItem, shown: Mapping[int, OutboxItem]) -> str:
    """Return the words of the pressed button; none where the number is of a message that was not sent here."""
    outbox_id, _, index = press.content.pressed.partition(":")
    message = shown.get(int(outbox_id)) or await tx.outbox.get(int(outbox_id))
    sent_here = message is not None and (message.channel, message.address) == (press.channel, press.address)
    choices: Sequence[Any] = message.content.choices if message is not None and sent_here else ()
    return choices[int(index)].text if int(index) < len(choices) else ""


def _drawn(part: Part) -> dict[str, Any]:
    """Return a part for the page to draw. Citations come a line a source, too."""
    drawn = part.model_dump(mode="json")
    return {**drawn, "lines": part.lines} if isinstance(part, CitationPart) else drawn


def _sent_at(item: OutboxItem) -> datetime:
    return item.sent_at or item.created_at
