"""Telegram's way in: aiogram reads an update, it is stored, and only then is Telegram told that it arrived.

By webhook that is our 200; by polling it is asking for the updates after it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    CallbackQuery,
    ChatMemberUpdated,
    Message,
    Update,
)
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from bot.channels.patience import Patience
from bot.channels.port import Intake
from bot.channels.received_text import UnreadableTextError, clean
from bot.channels.telegram.files import FileToFetch, fetch
from bot.channels.telegram.group_receiver import GroupReceiver
from bot.channels.telegram.group_updates import GROUPS
from bot.channels.telegram.limits import UPDATE_BYTES
from bot.channels.telegram.settings import Mode, TelegramSettings
from bot.channels.telegram.updates import (
    commands,
    from_membership,
    from_message,
    from_press,
    group_commands,
)
from bot.channels.texts import TEXTS
from bot.channels.writers import known_writer
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.records import AddressState

log = structlog.get_logger()

WEBHOOK_PATH = "/telegram/webhook"
_SECRET_HEADER = "x-telegram-bot-api-secret-token"
_KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
_LONG_POLL_SECONDS = 25
_LONGEST_PAUSE_SECONDS = 30.0


class TelegramReceiver:
    """Receives one bot's updates. In `Mode.WEBHOOK` its `router` must be served at the public address."""

    def __init__(
        self,
        settings: TelegramSettings,
        database: Database,
        intake: Intake,
        clock: Callable[[], datetime],
        *,
        long_poll_seconds: int = _LONG_POLL_SECONDS,
        on_name: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._intake = intake
        self._clock = clock
        self._long_poll_seconds = long_poll_seconds
        self._on_name = on_name
        session = AiohttpSession(api=TelegramAPIServer.from_base(settings.api))
        self._bot = Bot(settings.token, session=session)
        self._dispatcher = Dispatcher()
        self._patience = Patience(database, Channel.TELEGRAM, clock, passing=(AiogramError,))
        self._groups = GroupReceiver(self._bot, int(settings.bot_id), database, intake, clock)
        self._dispatcher.message.register(self._on_message)
        self._dispatcher.edited_message.register(self._on_edit)
        self._dispatcher.callback_query.register(self._on_press)
        self._dispatcher.my_chat_member.register(self._on_membership)
        self._stop = asyncio.Event()
        self.router = APIRouter(include_in_schema=False)
        if settings.mode is Mode.WEBHOOK:
            self.router.add_api_route(WEBHOOK_PATH, self._webhook, methods=["POST"])

    async def run(self) -> None:
        """Receive until `stop`: set the webhook and wait, or poll. Goes on when Telegram is out of reach."""
        self._stop.clear()
        try:
            await self._until_it_works(self._arrange)
            if self._settings.mode is Mode.POLLING:
                await self._poll()
            else:
                await self._stop.wait()
        finally:
            await self._bot.session.close()

    def stop(self) -> None:
        """End `run` soon: a poll that waits for updates ends first, unless the task is cancelled."""
        self._stop.set()

    async def _arrange(self) -> None:
        if self._settings.mode is Mode.WEBHOOK:
            await self._bot.set_webhook(
                self._settings.public_url.rstrip("/") + WEBHOOK_PATH,
                secret_token=self._settings.webhook_secret,
                allowed_updates=_KINDS,
            )
        else:
            await self._bot.delete_webhook()
        try:
            self._on_name((await self._bot.get_me()).username or "")
            await self._bot.set_my_commands(_menu(commands()), scope=BotCommandScopeAllPrivateChats())
            await self._bot.set_my_commands(_menu(group_commands()), scope=BotCommandScopeAllGroupChats())
        except TelegramAPIError as error:
            log.warning(
                "the bot's name could not be read, or its command menu not be set", error=type(error).__name__
            )

    async def _poll(self) -> None:
        """Ask for updates; asking for the ones after an update is what acknowledges it, so it is stored before."""
        offset = 0
        while not self._stop.is_set():
            updates = await self._until_it_works(partial(self._ask, offset))
            for update in updates or []:
                await self._until_it_works(partial(self._feed, update))
                if self._stop.is_set():
                    break
                offset = update.update_id + 1

    async def _ask(self, offset: int) -> list[Update]:
        return await self._bot.get_updates(
            offset=offset,
            timeout=self._long_poll_seconds,
            allowed_updates=_KINDS,
            request_timeout=self._long_poll_seconds + 10,
        )

    async def _until_it_works(self, action: Callable[[], Any]) -> Any:
        """Return the action's result, tried again after ever longer pauses; None when stopped meanwhile."""
        pause = 0.5
        while not self._stop.is_set():
            try:
                return await action()
            except Exception as error:  # noqa: BLE001 - whatever it is, no update is skipped
                log.warning("Telegram: trying again", error=type(error).__name__, seconds=pause)
            try:
                async with asyncio.timeout(pause):
                    await self._stop.wait()
            except TimeoutError:
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        return None

    async def _webhook(self, request: Request) -> Response:
        """Store one update. Wrong secret 403; no update of Telegram's form 400; not stored 500, and it comes again."""
        given = request.headers.get(_SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, self._settings.webhook_secret.encode()):
            log.warning("a webhook call with a wrong secret was refused")
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > UPDATE_BYTES:
                return Response(status_code=413)
        try:
            update = Update.model_validate(json.loads(bytes(body)), context={"bot": self._bot})
        except (ValidationError, ValueError, RecursionError):
            log.warning("a webhook call that is no update was refused", size=len(body))
            return Response(status_code=400)
        try:
            await self._feed(update)
        except Exception:
            log.exception("an update could not be stored", update_id=update.update_id)
            return Response(status_code=500)
        return Response(status_code=200)

    async def _feed(self, update: Update) -> None:
        if not (update.message or update.edited_message or update.callback_query or update.my_chat_member):
            log.info("an update of a kind that we do not read was left", update_id=update.update_id)
            return
        await self._patience.store(
            self._update_id(update),
            _chat_of(update),
            partial(self._dispatcher.feed_update, self._bot, update),
        )

    async def _on_message(self, message: Message, event_update: Update) -> None:
        if message.chat.type in GROUPS:
            await self._groups.message(message, self._update_id(event_update))
            return
        read = from_message(message, self._update_id(event_update), self._clock())
        if read is None:
            return
        incoming, file = read
        if incoming.kind is IncomingKind.TEXT:
            try:
                incoming = incoming.model_copy(update={"text": clean(incoming.text)})
            except UnreadableTextError:
                incoming = incoming.model_copy(update={"text": "", "kind": IncomingKind.OTHER})
        if file is not None and not await self._is_known(incoming):
            incoming = incoming.model_copy(update={"attachment_id": await self._keep(incoming, file)})
        await self._intake.receive(incoming)

    async def _on_edit(self, message: Message, event_update: Update) -> None:
        """Note what staff change in a group. What an owner changes in their own chat is not said anew."""
        if message.chat.type in GROUPS:
            await self._groups.message(message, self._update_id(event_update), edited=True)

    async def _on_press(self, press: CallbackQuery, event_update: Update) -> None:
        incoming = from_press(press, self._update_id(event_update), self._clock())
        if incoming is not None:
            await self._intake.receive(incoming)
        else:
            await self._groups.press(press, self._update_id(event_update))
        try:
            # Ends the button's spinning; what comes of it is a message.
            await press.answer(TEXTS.say("telegram.button_taken"))
        except TelegramAPIError as error:
            log.info("a pressed button could not be answered", error=type(error).__name__)

    async def _on_membership(self, change: ChatMemberUpdated, event_update: Update) -> None:
        if change.chat.type in GROUPS:
            await self._groups.membership(change, self._update_id(event_update))
            return
        incoming = from_membership(change, self._update_id(event_update), self._clock())
        if incoming is None:
            return
        await self._intake.receive(incoming)
        async with self._database.transaction() as tx:
            await tx.people.set_address_state(incoming.channel, incoming.address, AddressState.BLOCKED)

    def _update_id(self, update: Update) -> str:
        return f"{self._settings.bot_id}:{update.update_id}"

    async def _is_known(self, incoming: Incoming) -> bool:
        async with self._database.reading() as tx:
            return await tx.inbox.has(incoming.channel, incoming.update_id)

    async def _keep(self, incoming: Incoming, file: FileToFetch) -> int | None:
        """Return the id of the kept file; None where it cannot be fetched or is too large: the person is told so."""
        data = await fetch(self._bot, file)
        if data is None:
            return None
        now = self._clock()
        async with self._database.transaction() as tx:
            person = await known_writer(tx, Channel.TELEGRAM, incoming.address, incoming.sender_name, now)
            kept = await tx.attachments(person.as_asker()).keep(
                data, file.filename, file.media_type, person.id, now
            )
        return kept.id


def _chat_of(update: Update) -> str:
    """Return the chat in which somebody said or pressed something; empty for everything else."""
    pressed = None if update.callback_query is None else update.callback_query.message
    said = update.message or update.edited_message or pressed
    return "" if said is None else str(said.chat.id)


def _menu(commands: dict[str, str]) -> list[BotCommand]:
    return [BotCommand(command=name, description=says) for name, says in commands.items()]
