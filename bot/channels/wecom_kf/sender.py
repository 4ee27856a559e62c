"""Customer service's way out: the window is known before each call, and each call carries our own id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomApiError, WecomError
from bot.channels.wecom.files import TooSmallError, upload, upload_picture
from bot.channels.wecom.limits import Meaning
from bot.channels.wecom.outcomes import outcome_of
from bot.channels.wecom.pieces import FilePiece, PicturePiece, TextPiece
from bot.channels.wecom_kf.limits import WELCOME_LASTS
from bot.channels.wecom_kf.pieces import MenuPiece, Piece, pieces_of
from bot.channels.wecom_kf.settings import KfSettings
from bot.channels.wecom_kf.welcome import welcome_code
from bot.delivery.port import Invalid, NotNow, Outcome, Partly, Sent, Unknown, pieces_out
from store.database import Database
from store.errors import NotVisibleError
from store.limits import Window
from store.messages import Channel
from store.records import OutboxItem


class KfSender:
    """Sends to customers; an address is a customer's external user id."""

    channel = Channel.WECOM_KF
    repeatable = True  # a second message of the same msgid is refused
    timeout = timedelta(seconds=45)

    def __init__(self, settings: KfSettings, database: Database, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._client = WecomClient(settings.account)

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.close()

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        """Return no limits of a rate: customer service knows only the five of a window, which `send` counts."""
        return ()

    async def send(self, item: OutboxItem) -> Outcome:
        """Send the next piece of the message, unless the window would not take the rest of it."""
        pieces = pieces_of(item.content, answer=item.inbox_id is not None)
        if not pieces:
            return Invalid("there is nothing to send")
        code = welcome_code(item)
        if code:
            return await self._welcome(item, code, pieces[0])
        greeted = await self._answer_to_link(item, pieces)
        if greeted is not None:
            return greeted
        out = pieces_out(item)
        async with self._database.transaction() as tx:
            msgid = f"zt{item.id}-{out}-{await tx.reply_windows.failures(item.id)}"
            needed = len(pieces) - out
            if not await tx.reply_windows.take(
                msgid, item.id, self.channel, item.address, needed, self._clock()
            ):
                left = await tx.reply_windows.left(self.channel, item.address, self._clock())
                return NotNow(f"the customer's window takes {left} more messages, {needed} are needed")
        outcome = await self._send(item, pieces[out], msgid)
        if isinstance(outcome, Sent) and out < len(pieces) - 1:
            return Partly(out + 1)
        return outcome

    async def _send(self, item: OutboxItem, piece: Piece, msgid: str) -> Outcome:
        try:
            content = await self._content(item, piece)
            body = {
                "touser": item.address,
                "open_kfid": self._settings.open_kfid,
                "msgid": msgid,
                **content,
            }
            await self._client.call("kf/send_msg", body)
        except NotVisibleError:
            return await self._given_back(msgid, Invalid("the file is no longer kept"))
        except TooSmallError as error:
            return await self._given_back(msgid, Invalid(str(error)))
        except WecomError as error:
            return await self._not_sent(item, msgid, error)
        return Sent(msgid)

    async def _not_sent(self, item: OutboxItem, msgid: str, error: WecomError) -> Outcome:
        """Return what the error means; the place in the window is free again where nothing was sent."""
        outcome = outcome_of(error)
        if isinstance(outcome, Unknown):
            return outcome
        if isinstance(error, WecomApiError):
            # The documentation promises an error for a msgid used before, without naming its code: an earlier try arrived.
            if error.meaning is None and "msgid" in error.said.lower():
                return Sent(msgid)
            if error.meaning is Meaning.WINDOW:
                async with self._database.transaction() as tx:
                    await tx.reply_windows.close(self.channel, item.address)
        return await self._given_back(msgid, outcome)

    async def _given_back(self, msgid: str, outcome: Outcome) -> Outcome:
        async with self._database.transaction() as tx:
            await tx.reply_windows.give_back(msgid)
        return outcome

    async def _welcome(self, item: OutboxItem, code: str, piece: Piece) -> Outcome:
        """Answer the customer's first opening of the chat: allowed once, before they have written."""
        msgid = f"zt{item.id}-w"
        async with self._database.transaction() as tx:
            if not await tx.reply_windows.begin(msgid, item.id, self.channel, item.address, self._clock()):
                return Unknown("an earlier try may have arrived", once=True)
        try:
            content = await self._content(item, piece)
            await self._client.call("kf/send_msg_on_event", {"code": code, "msgid": msgid, **content})
        except WecomError as error:
            outcome = outcome_of(error)
            if isinstance(outcome, Unknown):
                return Unknown(outcome.reason, once=True)
            return await self._given_back(
                msgid, Invalid(outcome.reason) if isinstance(outcome, NotNow) else outcome
            )
        return Sent(msgid)

    async def _answer_to_link(self, item: OutboxItem, pieces: Sequence[Piece]) -> Outcome | None:
        """Send the first answer to a link with WeChat's word for a greeting: nothing they wrote has opened a window.

        None where there is no such word, or it is no longer good: then the window decides.
        """
        if item.inbox_id is None or len(pieces) > 1:
            return None
        async with self._database.reading() as tx:
            answered = await tx.inbox.get(item.inbox_id)
        opened = None if answered is None else answered.content
        if opened is None or not opened.welcome or opened.received_at + WELCOME_LASTS < self._clock():
            return None
        outcome = await self._welcome(item, opened.welcome, pieces[0])
        return None if isinstance(outcome, Invalid) else outcome

    async def _content(self, item: OutboxItem, piece: Piece) -> dict[str, Any]:
        match piece:
            case TextPiece(text):
                return {"msgtype": "text", "text": {"content": text}}
            case MenuPiece():
                return {"msgtype": "msgmenu", "msgmenu": piece.content(item)}
            case FilePiece():
                kind, media_id = await upload(self._client, self._database, piece)
                return {"msgtype": kind, kind: {"media_id": media_id}}
            case PicturePiece():
                picture = await upload_picture(self._client, piece)
                if picture is None:
                    return {"msgtype": "text", "text": {"content": piece.instead[0]}}
                return {"msgtype": "image", "image": {"media_id": picture}}
