"""Files that may be a list of rights: read into cells before the dialogue sees them, outside any transaction."""

from __future__ import annotations

import asyncio

import structlog

from bot.dialogue.topics.asset_list import KEEP
from bot.dialogue.world import Sheet
from rules.deadlines.errors import DeadlineInputError
from store.asset_file import CHAT, read_asset_file
from store.errors import NotVisibleError
from store.messages import Action, Incoming, IncomingKind, Verb
from store.records import Attachment, Person
from store.transaction import Transaction

log = structlog.get_logger()

_NAMES = (".xlsx", ".xlsm", ".xls", ".csv")
_TYPES = frozenset(
    {
        "text/csv",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


async def sent_list(
    tx: Transaction, person: Person, incoming: Incoming, action: Action | None
) -> tuple[Attachment, bytes] | None:
    """Return the file that was just sent, or that the pressed 全部登记 stands under, where it may be a list of rights."""
    wanted: int | None = None
    if incoming.kind is IncomingKind.DOCUMENT:
        wanted = incoming.attachment_id
    elif action is not None and action.verb is Verb.CONFIRM and action.about == KEEP:
        wanted = int(action.value) if action.value.isdecimal() else None
    if wanted is None:
        return None
    try:
        kept, data = await tx.attachments(person.as_asker()).read(wanted)
    except NotVisibleError:
        return None
    return (kept, data) if _may_be_a_list(kept) else None


async def read_sheet(kept: Attachment, data: bytes) -> Sheet:
    """Return the cells of the file, or in one sentence why it cannot be read."""
    try:
        rows = await asyncio.to_thread(read_asset_file, kept.filename, data, CHAT)
    except DeadlineInputError as error:
        log.info("a list of rights could not be read", attachment_id=kept.id, reason=error.message_en)
        return Sheet(kept.id, kept.filename, problem=error.message_zh)
    return Sheet(kept.id, kept.filename, tuple(tuple(row) for row in rows))


def _may_be_a_list(kept: Attachment) -> bool:
    return kept.filename.lower().endswith(_NAMES) or kept.media_type in _TYPES
