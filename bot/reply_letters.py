"""Replies as letters of the outbox, each under the name of the message that it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.dialogue.respond import apology
from bot.handoff import group_talk
from store.inbox import SetAside
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import InboxItem
from store.transaction import Transaction

SORRY = "sorry"  # so that the answer, should it come after all, is not taken for written


async def write_all(tx: Transaction, letters: Sequence[Letter], now: datetime) -> None:
    """Write all of them to the outbox."""
    for letter in letters:
        await tx.outbox.write(letter, now)


def sorry_for(lost: SetAside) -> Letter:
    """Return what a person is told whose message cannot be read, or the group in which it was said."""
    return Letter(
        dedupe_key=f"answer:{lost.inbox_id}:{SORRY}",
        channel=lost.channel,
        address=lost.address,
        content=apology() if lost.person_id is not None else group_talk.apology(),
        person_id=lost.person_id,
        inbox_id=lost.inbox_id,
    )


def key_of(item: InboxItem, number: int | str) -> str:
    """Return what names this reply: written once, however often its message is answered."""
    return f"answer:{item.id}:{number}"


def reply_to(item: InboxItem, reply: Outgoing, number: int | str) -> Letter:
    """Return the reply as a letter to where the message came from."""
    return Letter(
        dedupe_key=key_of(item, number),
        channel=item.channel if item.channel is not Channel.DESK else Channel.WEB,
        address=item.address,
        content=reply,
        person_id=item.person_id,
        inbox_id=item.id,
    )
