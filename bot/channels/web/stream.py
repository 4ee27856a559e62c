"""Server-sent events: what was sent after the last event the page has, then whatever is sent while it is open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

from bot.channels.web.messages import after_cursor, cursor_of, sent_message
from bot.channels.web.sender import OpenPages
from bot.channels.web.visitors import Visitor
from store.database import Database
from store.messages import Channel
from store.records import InboxState
from store.transaction import Transaction

Present = Callable[[Transaction], Awaitable[Visitor | None]]

POLL_SECONDS = 1.5  # for what another process delivered
HEARTBEAT_SECONDS = 15.0  # proxies close what is silent
RECONNECT_MS = 1500


async def events(
    database: Database,
    pages: OpenPages,
    visitor: Visitor,
    last_event_id: str,
    present: Present | None = None,
) -> AsyncIterator[str]:
    """Yield events for as long as the page is open. Every message is one `message` event, in the order of sending.

    The stream ends when the browser is no longer the visitor's, or reads another address since it was bound: it
    connects again by itself, as whoever it is then. `present` says who that is.
    """
    after = after_cursor(last_event_id)
    working: bool | None = None
    silent = 0.0
    with pages.page(visitor.address) as something_new:
        yield f"retry: {RECONNECT_MS}\n\n"
        while pages.is_open(visitor.address, something_new):
            something_new.clear()
            if present is not None and not await _is_still(database, visitor, present):
                return
            found, after, now_working = await _look(database, visitor, after)
            for event in found:
                yield event
            if now_working != working:
                working = now_working
                yield _event("working", {"working": working})
                silent = 0.0
            silent = 0.0 if found else silent
            if not await _within(something_new, POLL_SECONDS):
                silent += POLL_SECONDS
            if silent >= HEARTBEAT_SECONDS:
                silent = 0.0
                yield ": still here\n\n"


async def _is_still(database: Database, visitor: Visitor, present: Present) -> bool:
    async with database.reading() as tx:
        now = await present(tx)
    return now is not None and (now.person.id, now.address) == (visitor.person.id, visitor.address)


async def _look(database: Database, visitor: Visitor, after: datetime) -> tuple[list[str], datetime, bool]:
    """Return new messages as events, the time of the last one, and whether an answer is being worked on."""
    found = []
    async with database.reading() as tx:
        for item in await tx.outbox.sent_to(Channel.WEB, visitor.address, after):
            found.append(_event("message", await sent_message(tx, item), cursor_of(item)))
            after = item.sent_at or after
        return found, after, await is_working(tx, visitor.person.id)


async def is_working(tx: Any, person_id: int) -> bool:
    """Return whether the person's last message is still to be answered."""
    last = await tx.inbox.of_person(person_id, 1)
    return bool(last) and last[-1].state is InboxState.WAITING


def _event(name: str, data: dict[str, Any], event_id: str = "") -> str:
    """Return one event. JSON has no line breaks of its own, so one `data` line is enough."""
    number = f"id: {event_id}\n" if event_id else ""
    return f"{number}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
