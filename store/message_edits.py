"""Changing a message that is already with the person, where its channel can: its own row in the outbox, in order, once.

A change is sent after everything written before it to the same address, so the message that replaces another is never
kept waiting by the change of the old one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.messages import Channel, Outgoing
from store.models import OutboxRow
from store.outbox import Letter, Outbox
from store.records import Cause, InboxItem, OutboxItem, OutboxState
from store.unreadable import readable_one

#: Channels in which a message can be changed. In the others it stays as it was read.
CAN_CHANGE = frozenset({Channel.TELEGRAM, Channel.TELEGRAM_FORUM})
#: Channels in which a message can be changed by the press of one of its buttons, and then only.
_BY_PRESS = frozenset({Channel.WECOM})
_WITH_THE_PERSON = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.SENT)


class MessageEdits:
    """Writes changes of messages."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def change(
        self, message: OutboxItem, content: Outgoing, key: str, now: datetime, *, case_id: int | None = None
    ) -> int | None:
        """Let the message become `content` where it stands, and return the id of the change.

        None where its channel cannot, where it never arrived, or when the same `key` was written already. Buttons
        carry the number of the change. `case_id` guards the change as it guards a message.
        """
        letter = self.letter(message, content, key, case_id=case_id)
        return None if letter is None else await Outbox(self._session).write(letter, now)

    async def pressed(self, press: InboxItem) -> OutboxItem | None:
        """Return the message whose button was pressed; None where the press does not let it be changed."""
        if not press.content.card_code or press.channel not in _BY_PRESS:
            return None
        number = press.content.pressed.partition(":")[0]
        shown = await Outbox(self._session).get(int(number)) if number.isdecimal() else None
        if shown is None or (shown.channel, shown.address) != (press.channel, press.address):
            return None
        return await self.original(shown)

    @staticmethod
    def letter(
        message: OutboxItem,
        content: Outgoing,
        key: str,
        *,
        case_id: int | None = None,
        press: InboxItem | None = None,
    ) -> Letter | None:
        """Return the change not yet written, for who writes several letters in order; None where it cannot be made.

        `press` is what `pressed` returned the message for: with it the change is made in the channels that want one.
        """
        if message.channel not in (CAN_CHANGE if press is None else _BY_PRESS):
            return None
        if message.state not in _WITH_THE_PERSON:
            return None
        return Letter(
            dedupe_key=f"edit:{message.id}:{key}",
            channel=message.channel,
            address=message.address,
            content=content,
            person_id=message.person_id,
            lane=message.lane,
            cause=Cause.NOTICE,
            case_id=case_id,
            inbox_id=None if press is None else press.id,
            edits_id=message.id,
        )

    async def as_shown(self, message: OutboxItem) -> Outgoing:
        """Return what the person sees of the message now: its last change, or itself."""
        row = await self._session.scalar(
            select(OutboxRow).where(OutboxRow.edits_id == message.id).order_by(OutboxRow.id.desc()).limit(1)
        )
        shown = readable_one(OutboxItem, row)
        return message.content if shown is None else shown.content

    async def original(self, message: OutboxItem) -> OutboxItem:
        """Return the message that a change belongs to; a message that is no change is itself."""
        if message.edits_id is None:
            return message
        found = await Outbox(self._session).get(message.edits_id)
        return found or message
