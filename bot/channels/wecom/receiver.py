"""WeCom's way in: a callback is opened, stored, and only then answered with 200."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from weakref import WeakValueDictionary

import structlog

from bot.channels.port import Intake
from bot.channels.wecom.callback import Callback
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomError
from bot.channels.wecom.files import keep
from bot.channels.wecom.settings import WecomSettings
from bot.channels.wecom.updates import ENTERED, from_callback, menu
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.records import AddressState

log = structlog.get_logger()

CALLBACK_PATH = "/wecom/callback"
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 600.0


class WecomReceiver:
    """Receives what members write to one application."""

    def __init__(
        self, settings: WecomSettings, database: Database, intake: Intake, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._database = database
        self._intake = intake
        self._clock = clock
        self._client = WecomClient(settings.account)
        self._stop = asyncio.Event()
        self._storing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.router = Callback(CALLBACK_PATH, settings.account.crypto(), self._handle).router

    async def run(self) -> None:
        """Set the application's menu, tried again until it works, and wait for `stop`: callbacks come by themselves."""
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            try:
                agent = str(self._settings.agent_id)
                await self._client.call("menu/create", {"button": menu()}, agentid=agent)
                await self._stop.wait()
            except WecomError as error:
                log.warning("the menu could not be set", error=str(error), seconds=pause)
                await self._pause(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def close(self) -> None:
        """End `run` and give back the connections."""
        self._stop.set()
        await self._client.close()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return

    async def _handle(self, fields: Mapping[str, str]) -> None:
        read = from_callback(fields, self._settings.agent_id, self._clock())
        if read is None:
            log.info("a callback of a kind that we do not read was left", kind=fields.get("Event", "")[:40])
            return
        incoming, file = read
        # WeCom sends again after five seconds, while a file may still be on its way: the second waits for the first.
        lock = self._storing.setdefault(incoming.update_id, asyncio.Lock())
        async with lock:
            if await self._is_known(incoming, fields):
                return
            if file is not None:
                kept = await keep(self._client, self._database, incoming, file, self._clock())
                incoming = incoming.model_copy(update={"attachment_id": kept})
            await self._intake.receive(incoming)
        if incoming.kind is IncomingKind.STOP:
            async with self._database.transaction() as tx:
                await tx.people.set_address_state(Channel.WECOM, incoming.address, AddressState.BLOCKED)

    async def _is_known(self, incoming: Incoming, fields: Mapping[str, str]) -> bool:
        """Return whether there is nothing to store: it is, or a member only opened the application once more."""
        async with self._database.reading() as tx:
            if fields.get("Event", "").lower() == ENTERED:
                return await tx.people.at(incoming.channel, incoming.address) is not None
            return await tx.inbox.has(incoming.channel, incoming.update_id)
