"""Sends to agencies' groups: a topic is made when its first message goes out, and called and closed as it should be.

Every call to Telegram is one send of the outbox, so that topics made and renamed count against the group's limit, too.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import structlog
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.limits import TOPIC_NAME_CHARACTERS
from bot.channels.telegram.sender import TelegramSender, outcome_of
from bot.channels.telegram.settings import TelegramSettings
from bot.delivery.port import Invalid, Outcome, Partly, Rebind, RetryLater, Unknown, pieces_out
from store.case_topics import CaseTopic, record_of
from store.database import Database
from store.messages import Channel
from store.records import OutboxItem
from store.transaction import Transaction

log = structlog.get_logger()
_AGAIN_SECONDS = 2.0
_RIGHTS_SECONDS = 60.0
_NO_RIGHTS = re.compile(r"not enough rights|CHAT_ADMIN_REQUIRED", re.IGNORECASE)


class ForumSender(TelegramSender):
    """Sends to a group (`chat`), to a case's topic by our record of it (`chat:#12`), or by its number (`chat:345`)."""

    def __init__(self, settings: TelegramSettings, database: Database) -> None:
        super().__init__(settings, database, Channel.TELEGRAM_FORUM)

    async def send(self, item: OutboxItem) -> Outcome:
        """Bring the topic up to date first, a call at a time; then send the next piece of the message."""
        record = record_of(item.address)
        if record is None:
            return _in_group(await super().send(item))
        async with self._database.reading() as tx:
            topic = await tx.case_topics.get(record)
        if topic is None:
            return Invalid("there is no such topic")
        step = self._next_step(topic, item)
        if step is None:
            return _in_group(await self._send_open(item, topic))
        try:
            await step()
        except TelegramError as error:
            return not_begun(outcome_of(error))
        return Partly(pieces_out(item))

    async def _send_open(self, item: OutboxItem, topic: CaseTopic) -> Outcome:
        """Send, and where somebody closed the topic by hand let it be opened before the next try."""
        outcome = await super().send(item)
        if (
            isinstance(outcome, Invalid)
            and "topic_closed" in outcome.reason.lower()
            and not topic.shown_closed
        ):
            await self._write(lambda tx: tx.case_topics.shut(topic.id, closed=True))
            return Partly(pieces_out(item))
        return outcome

    async def _place(self, item: OutboxItem) -> tuple[str, int | None]:
        record = record_of(item.address)
        if record is None:
            return await super()._place(item)
        async with self._database.reading() as tx:
            topic = await tx.case_topics.get(record)
        return item.address.partition(":")[0], None if topic is None else topic.thread

    def _next_step(self, topic: CaseTopic, item: OutboxItem) -> Callable[[], Awaitable[None]] | None:
        """Return what the topic needs before this message; None when it is as it should be.

        It is closed only with the last change of its card, when everything said in it is out.
        """
        if topic.thread is None:
            return lambda: self._make(topic)
        thread = topic.thread
        if topic.shown_closed and item.edits_id is None:
            return lambda: self._reopen(topic, thread)
        if topic.name != topic.shown_name:
            return lambda: self._rename(topic, thread)
        if topic.closed and not topic.shown_closed and item.edits_id is not None:
            return lambda: self._close(topic, thread)
        return None

    async def _make(self, topic: CaseTopic) -> None:
        made = await self._bot.create_forum_topic(topic.chat, topic.name[:TOPIC_NAME_CHARACTERS])
        await self._write(lambda tx: tx.case_topics.made(topic.id, made.message_thread_id, topic.name))

    async def _rename(self, topic: CaseTopic, thread: int) -> None:
        await self._or_leave(
            self._bot.edit_forum_topic(topic.chat, thread, name=topic.name[:TOPIC_NAME_CHARACTERS]), topic
        )
        await self._write(lambda tx: tx.case_topics.named(topic.id, topic.name))

    async def _reopen(self, topic: CaseTopic, thread: int) -> None:
        await self._or_leave(self._bot.reopen_forum_topic(topic.chat, thread), topic)
        await self._write(lambda tx: tx.case_topics.shut(topic.id, closed=False))

    async def _close(self, topic: CaseTopic, thread: int) -> None:
        await self._or_leave(self._bot.close_forum_topic(topic.chat, thread), topic)
        await self._write(lambda tx: tx.case_topics.shut(topic.id, closed=True))

    async def _or_leave(self, call: Awaitable[bool], topic: CaseTopic) -> None:
        """Make a call that only looks better; refused for another reason than a lost topic it is left undone."""
        try:
            await call
        except BadRequest as error:
            if isinstance(outcome_of(error), Rebind):
                raise
            log.info("a topic is not called or closed as it should be", topic=topic.id, reason=error.message)

    async def _write(self, change: Callable[[Transaction], Awaitable[None]]) -> None:
        async with self._database.transaction() as tx:
            await change(tx)


def not_begun(outcome: Outcome) -> Outcome:
    """Return what a failed call before the message means: the message itself was certainly not sent.

    Rights that were taken from us may be given back: what waits keeps its order meanwhile.
    """
    match outcome:
        case Unknown(reason):
            return RetryLater(_AGAIN_SECONDS, reason)
        case Invalid(reason) if _NO_RIGHTS.search(reason):
            return RetryLater(_RIGHTS_SECONDS, reason)
        case _:
            return _in_group(outcome)


def _in_group(outcome: Outcome) -> Outcome:
    """Return the outcome; a group that has moved is bound anew by its administrator, not by us."""
    if isinstance(outcome, Rebind) and outcome.address:
        return Invalid(f"the group has become another one ({outcome.address}) and must be bound anew")
    return outcome
