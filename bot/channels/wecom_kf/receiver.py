"""Customer service's way in: WeChat says that there is something, and we fetch it from where we stopped.

The callback itself carries no message. What was not fetched yet is kept by WeChat for three days, and the place up to
which we have read moves only after everything before it is stored: so a callback lost, or a crash at any point, loses
nothing. We also look without having been called.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot.channels.patience import Patience
from bot.channels.port import Intake
from bot.channels.wecom.callback import Callback
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomApiError, WecomError
from bot.channels.wecom.files import PatientKeeping
from bot.channels.wecom.limits import MINUTE_BLOCK, Meaning
from bot.channels.wecom_kf.failures import message_failed
from bot.channels.wecom_kf.handover import servicer_said, session_moved
from bot.channels.wecom_kf.limits import LINK_SCENE, MESSAGES_KEPT, SYNC_MESSAGES, SYNC_UNASKED
from bot.channels.wecom_kf.settings import KfSettings
from bot.channels.wecom_kf.updates import (
    Entered,
    Failed,
    Said,
    ServicerSaid,
    SessionMoved,
    read,
    who_said,
)
from bot.channels.wecom_kf.welcome import welcome
from bot.channels.writers import known_writer
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.transaction import Transaction

log = structlog.get_logger()

CALLBACK_PATH = "/wecom/kf/callback"
_EVENT = "kf_msg_or_event"
_SEEN = "wecom_kf:seen:"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class KfReceiver:
    """Receives what customers write to one account."""

    def __init__(
        self,
        settings: KfSettings,
        database: Database,
        intake: Intake,
        clock: Callable[[], datetime],
        *,
        channels_on: Callable[[], Collection[Channel] | None] = lambda: None,
        wake_delivery: Callable[[], None] = lambda: None,
        on_link: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._intake = intake
        self._clock = clock
        self._channels_on = channels_on
        self._wake_delivery = wake_delivery
        self._on_link = on_link
        self._client = WecomClient(settings.account)
        self._files = PatientKeeping(self._client, database)
        self._patience = Patience(database, Channel.WECOM_KF, clock, passing=(WecomError,))
        self._called = asyncio.Event()
        self._token = ""
        self._stopping = False
        self._one_at_a_time = asyncio.Lock()
        self.router = Callback(CALLBACK_PATH, settings.account.crypto(), self._on_callback).router

    async def run(self) -> None:
        """Fetch whenever WeChat says so, and now and then without. Goes on when WeChat is out of reach."""
        self._stopping = False
        pause = _FIRST_PAUSE
        await self._learn_link()
        while not self._stopping:
            self._called.clear()
            token, self._token = self._token, ""
            try:
                await self.fetch(token)
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing is skipped: the place has not moved
                too_fast = isinstance(error, WecomApiError) and error.meaning is Meaning.TOO_FAST
                seconds = MINUTE_BLOCK.total_seconds() if too_fast else pause
                said = str(error) if isinstance(error, WecomError) else type(error).__name__
                log.warning("customer service: trying again", error=said, seconds=seconds)
                await asyncio.sleep(seconds)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            await self._wait()

    async def _learn_link(self) -> None:
        """Ask for the link that opens the account with a parameter. Without it customers write the code themselves."""
        asked = {"open_kfid": self._settings.open_kfid, "scene": LINK_SCENE}
        try:
            answer = await self._client.call("kf/add_contact_way", asked)
        except WecomError as error:
            log.warning("customer service: no link that carries a parameter", error=str(error))
            return
        if isinstance(answer.get("url"), str):
            self._on_link(answer["url"])

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping = True
        self._called.set()

    async def close(self) -> None:
        """End receiving and give back the connections."""
        self.stop()
        await self._client.close()

    async def fetch(self, token: str = "") -> None:
        """Store everything that is new. Raises WecomError, or what storing raises; then it is fetched again."""
        async with self._one_at_a_time:
            more = True
            while more:
                more = await self._fetch_page(token)

    async def _fetch_page(self, token: str) -> bool:
        """Store one page and return whether there is another one."""
        async with self._database.reading() as tx:
            cursor = await tx.cursors.get(self._settings.cursor)
        asked = {
            "open_kfid": self._settings.open_kfid,
            "limit": SYNC_MESSAGES,
            "cursor": cursor,
            "token": token,
        }
        answer = await self._client.call("kf/sync_msg", {key: value for key, value in asked.items() if value})
        messages = answer.get("msg_list")
        for message in messages if isinstance(messages, list) else []:
            msgid, customer = who_said(message)
            await self._patience.store(msgid, customer, partial(self._handle, message))
        reached = answer.get("next_cursor")
        if not isinstance(reached, str) or not reached or reached == cursor:
            return False
        now = self._clock()
        async with self._database.transaction() as tx:
            await tx.cursors.move(self._settings.cursor, reached, now)
            await tx.cursors.forget(_SEEN, now - 2 * MESSAGES_KEPT)
        return bool(answer.get("has_more"))

    async def _on_callback(self, fields: Mapping[str, str]) -> None:
        if fields.get("Event") != _EVENT or fields.get("OpenKfId") not in (None, self._settings.open_kfid):
            log.info("a callback of a kind that we do not read was left", kind=fields.get("Event", "")[:40])
            return
        self._token = fields.get("Token", "")
        self._called.set()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(SYNC_UNASKED.total_seconds()):
                await self._called.wait()
        except TimeoutError:
            return

    async def _handle(self, message: object) -> None:
        now = self._clock()
        update = read(message, now) if isinstance(message, Mapping) else None
        match update:
            case Said():
                await self._said(update)
            case Entered(parameter=parameter) as entered if parameter:
                await self._opened(entered, now)
            case Entered(address, code) if code:
                await self._entered(address, code, now)
            case Failed() as failed:
                async with self._database.transaction() as tx:
                    await message_failed(tx, failed, self._channels_on(), now)
                self._wake_delivery()
            case SessionMoved() as moved:
                await self._once(moved.msgid, lambda tx: session_moved(tx, moved, now))
            case ServicerSaid() as said:
                await self._once(said.msgid, lambda tx: servicer_said(tx, said, now))
            case _:
                log.info("a message of a kind that we do not read was left")

    async def _said(self, said: Said) -> None:
        incoming = said.incoming
        async with self._database.reading() as tx:
            if await tx.inbox.has(incoming.channel, incoming.update_id):
                return
        if said.file is not None:
            kept = await self._files.keep(incoming, said.file, self._clock())
            incoming = incoming.model_copy(update={"attachment_id": kept})
        if await self._intake.receive(incoming):
            async with self._database.transaction() as tx:
                await tx.people.heard_from(incoming.channel, incoming.address, said.sent_at)

    async def _opened(self, entered: Entered, now: datetime) -> None:
        """Somebody came by a link that says something: the talk answers, with WeChat's word for a greeting if it gave one."""
        opened = Incoming(
            channel=Channel.WECOM_KF,
            address=entered.address,
            update_id=entered.msgid,
            kind=IncomingKind.START,
            received_at=now,
            payload=entered.parameter,
            welcome=entered.code,
        )
        await self._intake.receive(opened)

    async def _entered(self, address: str, code: str, now: datetime) -> None:
        """Greet. Opening the chat opens no window: only what the customer writes does."""
        async with self._database.transaction() as tx:
            person = await known_writer(tx, Channel.WECOM_KF, address, "", now)
            await tx.outbox.write(welcome(address, code, person.id, now), now)
        self._wake_delivery()

    async def _once(self, msgid: str, act: Callable[[Transaction], Any]) -> None:
        """Act on the event unless it was acted on: what is fetched again after a crash is not done again."""
        name = _SEEN + hashlib.sha256(msgid.encode()).hexdigest()
        async with self._database.transaction() as tx:
            if await tx.cursors.first_time(name, self._clock()):
                await act(tx)
        self._wake_delivery()
