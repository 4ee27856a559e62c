"""What comes from groups: read, with what has to be asked of Telegram, and stored. Groups that are nobody's are not kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    CallbackQuery,
    ChatMemberAdministrator,
    ChatMemberOwner,
    ChatMemberUpdated,
    Message,
)

from bot.channels.port import Intake
from bot.channels.telegram.files import FileToFetch, fetch
from bot.channels.telegram.group_updates import from_membership, from_message, from_press
from bot.handoff import commands
from bot.handoff.commands import Word
from store.asker import SYSTEM
from store.database import Database
from store.messages import Incoming, IncomingKind, InGroup

log = structlog.get_logger()

_ASKS_WHO = frozenset({Word.BIND, Word.UNBIND})  # only an administrator may
_ANSWERED_ANYWHERE = _ASKS_WHO | {Word.HELP}


class GroupReceiver:
    """Stores what members of groups say and press."""

    def __init__(
        self, bot: Bot, bot_id: int, database: Database, intake: Intake, clock: Callable[[], datetime]
    ) -> None:
        self._bot = bot
        self._bot_id = bot_id
        self._database = database
        self._intake = intake
        self._clock = clock

    async def message(self, message: Message, update_id: str, *, edited: bool = False) -> None:
        """Store what was said, where it concerns us."""
        read = from_message(message, update_id, self._clock(), edited=edited)
        if read is None:
            return
        incoming, file = read
        command = commands.read(incoming.text)
        word = None if command is None else command.word
        if word not in _ANSWERED_ANYWHERE and not await self._is_bound(incoming):
            return
        if word in _ASKS_WHO and incoming.group is not None:
            incoming = incoming.model_copy(update={"group": await self._with_ranks(incoming.group)})
        if file is not None and not edited and await self._is_of_a_case(incoming):
            incoming = incoming.model_copy(update={"attachment_id": await self._keep(incoming, file)})
        await self._intake.receive(incoming)

    async def press(self, press: CallbackQuery, update_id: str) -> None:
        """Store a pressed button."""
        incoming = from_press(press, update_id, self._clock())
        if incoming is not None:
            await self._intake.receive(incoming)

    async def membership(self, change: ChatMemberUpdated, update_id: str) -> None:
        """Store that we were added to a group, or taken out of it."""
        incoming = from_membership(change, update_id, self._clock())
        if incoming is not None and (incoming.kind is IncomingKind.START or await self._is_bound(incoming)):
            await self._intake.receive(incoming)

    async def _is_bound(self, incoming: Incoming) -> bool:
        async with self._database.reading() as tx:
            return incoming.group is not None and await tx.agency_groups.at(incoming.group.chat) is not None

    async def _is_of_a_case(self, incoming: Incoming) -> bool:
        """Return whether a file is for a case and not yet kept: the same update may come again."""
        where = incoming.group
        if where is None or where.thread is None:
            return False
        async with self._database.reading() as tx:
            if await tx.inbox.has(incoming.channel, incoming.update_id):
                return False
            return await tx.case_topics.at(where.chat, where.thread) is not None

    async def _with_ranks(self, where: InGroup) -> InGroup:
        """Return the place with who is an administrator, as Telegram says; None where it does not say."""
        administrator = where.administrator
        if administrator is None:
            member = await self._member(where.chat, int(where.sender))
            administrator = isinstance(member, ChatMemberOwner | ChatMemberAdministrator)
        we = await self._member(where.chat, self._bot_id)
        allowed = isinstance(we, ChatMemberAdministrator) and bool(we.can_manage_topics)
        return where.model_copy(update={"administrator": administrator, "topics_allowed": allowed})

    async def _member(self, chat: str, user: int) -> object:
        """Return a member as Telegram describes them; None where it refuses to.

        Raises aiogram's errors where Telegram cannot be reached now: the update is not acknowledged, and comes again.
        """
        try:
            return await self._bot.get_chat_member(int(chat), user)
        except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter):
            raise
        except AiogramError as error:
            log.warning("a member of a group could not be looked up", error=type(error).__name__)
            return None

    async def _keep(self, incoming: Incoming, file: FileToFetch) -> int | None:
        """Return the id of the kept file, nobody's until it is sent to an owner; None where it could not be fetched."""
        data = await fetch(self._bot, file)
        if data is None:
            return None
        async with self._database.transaction() as tx:
            kept = await tx.attachments(SYSTEM).keep(
                data, file.filename, file.media_type, None, incoming.received_at
            )
        return kept.id
