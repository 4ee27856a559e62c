"""A newer reminder takes the place of the older one in a chat: the older one loses its buttons and says so.

Only where the new message speaks of the same obligation, so that no obligation is left without its buttons; and only in
channels where a message can be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from rules.days import format_day
from scheduler.wording import texts
from store.asker import SYSTEM
from store.message_edits import CAN_CHANGE
from store.messages import Outgoing, TextPart
from store.records import OutboxItem, StoredObligation
from store.transaction import Transaction


async def replace_older(
    tx: Transaction,
    person_id: int,
    obligations: Sequence[StoredObligation],
    written: int,
    today: date,
    now: datetime,
) -> int:
    """Let older reminders of these obligations say that message `written` is newer; return how many do.

    The change is sent after the new message, because it stands after it in the outbox. One written once is not again.
    """
    new = await tx.outbox.get(written)
    if new is None or new.channel not in CAN_CHANGE:
        return 0
    changed = 0
    for obligation in obligations:
        messages = await tx.reminders(SYSTEM).messages(obligation.id, person_id)
        older = [one for one in messages if one.id != written and _same_place(one, new)]
        if older:  # those before it were replaced when it was written
            content = replaced(await tx.edits.as_shown(older[0]), today)
            changed += await tx.edits.change(older[0], content, "replaced", now) is not None
    return changed


def _same_place(one: OutboxItem, other: OutboxItem) -> bool:
    return (one.channel, one.address) == (other.channel, other.address)


def replaced(message: Outgoing, today: date) -> Outgoing:
    """Return the message without its buttons, with a line that a newer one was sent on this day."""
    line = TextPart(text=texts().say("digest.replaced", day=format_day(today)))
    return message.model_copy(update={"parts": (line, *message.parts), "choices": ()})
