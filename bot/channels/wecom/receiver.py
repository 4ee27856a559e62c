"""WeCom's way in: a callback is opened, stored, and only then answered with 200."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

import structlog

from bot.channels.patience import Patience
from bot.channels.port import Intake
from bot.channels.wecom.callback import Callback
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomError
from bot.channels.wecom.files import FileToFetch, PatientKeeping
from bot.channels.wecom.limits import CALLBACK_DELIVERIES
from bot.channels.wecom.settings import WecomSettings
from bot.channels.wecom.updates import ENTERED, from_callback, menu
from store.database import Database
from store.errors import UnavailableError
from store.messages import Channel, Incoming, IncomingKind
from store.records import AddressState

log = structlog.get_logger()

CALLBACK_PATH = "/wecom/callback"
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 600.0
# A database or a file's server that is gone, in seconds: how soon it is looked at again, and how long a message is remembered for it.
_FIRST_LOOK, _LONGEST_LOOK, _REMEMBERED_SECONDS = 0.5, 10.0, 900.0
_MOST_REMEMBERED = 1_000
_PASSING = (UnavailableError, WecomError)


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
        self._files = PatientKeeping(self._client, database)
        self._stop = asyncio.Event()
        self._patience = Patience(
            database, Channel.WECOM, clock, passing=(WecomError,), tries=CALLBACK_DELIVERIES
        )
        self._remembered: dict[str, asyncio.Task[None]] = {}
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
        for task in list(self._remembered.values()):
            task.cancel()
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
        storing = partial(self._store, incoming, file, fields)
        try:
            await self._patience.store(incoming.update_id, incoming.address, storing)
        except _PASSING:
            self._remember(incoming.update_id, storing)
            raise

    def _remember(self, update_id: str, storing: Callable[[], Awaitable[None]]) -> None:
        """Store a message when the database, or its file, is back: WeCom brings it three times in seconds, and never again.

        It lives no longer than this process, so WeCom is not told that it is stored.
        """
        if update_id in self._remembered or len(self._remembered) >= _MOST_REMEMBERED:
            return
        task = asyncio.create_task(self._store_later(update_id, storing))
        self._remembered[update_id] = task
        task.add_done_callback(lambda _: self._remembered.pop(update_id, None))

    async def _store_later(self, update_id: str, storing: Callable[[], Awaitable[None]]) -> None:
        pause, waited = _FIRST_LOOK, 0.0
        while waited < _REMEMBERED_SECONDS:
            await asyncio.sleep(pause)
            waited += pause
            try:
                await storing()
                return
            except _PASSING:
                pause = min(pause * 2, _LONGEST_LOOK)
            except Exception:
                log.exception("a remembered message could not be stored", update_id=update_id)
                return
        log.error("a remembered message is given up: what it needs did not come back", update_id=update_id)

    async def _store(self, incoming: Incoming, file: FileToFetch | None, fields: Mapping[str, str]) -> None:
        # WeCom sends again after five seconds, while a file may still be on its way: the second waits for the first.
        lock = self._storing.setdefault(incoming.update_id, asyncio.Lock())
        async with lock:
            if await self._is_known(incoming, fields):
                return
            if file is not None:
                kept = await self._files.keep(incoming, file, self._clock())
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
