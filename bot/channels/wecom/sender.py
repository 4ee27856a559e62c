"""WeCom's way out: messages of the application to one member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.channels.wecom import limits
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomError
from bot.channels.wecom.files import TooSmallError, upload, upload_picture
from bot.channels.wecom.outcomes import outcome_of, unwritten
from bot.channels.wecom.pieces import (
    CardPiece,
    FilePiece,
    InsteadPiece,
    PicturePiece,
    Piece,
    TextPiece,
    pieces_of,
)
from bot.channels.wecom.settings import WecomSettings
from bot.delivery.port import Invalid, Outcome, Partly, Sent, pieces_out
from store.database import Database
from store.errors import NotVisibleError
from store.limits import Window
from store.messages import Channel, TextPart
from store.records import OutboxItem


class WecomSender:
    """Sends to members; an address is a member's user id."""

    channel = Channel.WECOM
    # Its own check for copies compares contents, and would swallow a second 好的 that was meant.
    repeatable = False
    timeout = timedelta(seconds=45)

    def __init__(self, settings: WecomSettings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._client = WecomClient(settings.account)

    async def close(self) -> None:
        """Give back the connections."""
        await self._client.close()

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        """Return the limits of the member: what is above them WeCom drops without a word."""
        scope = f"{self._settings.scope}:{item.address}"
        return (
            Window(scope, limits.MEMBER_MESSAGES, limits.MEMBER_PERIOD),
            Window(f"{scope}:long", limits.MEMBER_LONG_MESSAGES, limits.MEMBER_LONG_PERIOD),
        )

    async def send(self, item: OutboxItem) -> Outcome:
        """Send the next piece of the message, or change the card of an older one."""
        if item.edits_id is not None:
            return await self._change(item, item.edits_id)
        pieces = pieces_of(item.content)
        out = pieces_out(item)
        if not pieces:
            return Invalid("there is nothing to send")
        try:
            content, sent = await self._content(item, pieces[out], out)
            body = {"touser": item.address, "agentid": self._settings.agent_id, **content}
            answer = await self._client.call("message/send", body)
        except WecomError as error:
            return outcome_of(error)
        except NotVisibleError:
            return Invalid("the file is no longer kept")
        except TooSmallError as error:
            return Invalid(str(error))
        refused = unwritten(answer, item.address)
        if refused is not None:
            return refused
        if out + sent == len(pieces):
            return Sent(str(answer.get("msgid") or item.id))
        return Partly(out + sent)

    async def _change(self, item: OutboxItem, message_id: int) -> Outcome:
        """Let the card whose button was pressed show what came of it: with the buttons that are left, or none.

        WeCom takes one change for each press, known by the press's code. Of a message that is longer than its card
        the words stay as they are.
        """
        async with self._database.reading() as tx:
            message = await tx.outbox.get(message_id)
            press = None if item.inbox_id is None else await tx.inbox.get(item.inbox_id)
        if message is None or press is None or not press.content.card_code:
            return Invalid("no press lets the card be changed")
        body = {
            "userids": [item.address],
            "agentid": self._settings.agent_id,
            "response_code": press.content.card_code,
            **_changed_card(message, item),
        }
        try:
            answer = await self._client.call("message/update_template_card", body)
        except WecomError as error:
            return outcome_of(error)
        return unwritten(answer, item.address) or Sent(message.vendor_id)

    async def _content(self, item: OutboxItem, piece: Piece, number: int) -> tuple[dict[str, Any], int]:
        """Return what is sent for the piece, and how many pieces are done with it."""
        match piece:
            case TextPiece(text) | InsteadPiece(text):
                return _text(text), 1
            case FilePiece():
                kind, media_id = await upload(self._client, self._database, piece)
                return {"msgtype": kind, kind: {"media_id": media_id}}, 1
            case PicturePiece():
                picture = await upload_picture(self._client, piece)
                return (
                    (_text(piece.instead[0]), 1) if picture is None else (_image(picture), len(piece.instead))
                )
            case CardPiece():
                return {"msgtype": "template_card", "template_card": _card(item, piece, number)}, 1


def _text(text: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}


def _image(media_id: str) -> dict[str, Any]:
    return {"msgtype": "image", "image": {"media_id": media_id}}


def _changed_card(message: OutboxItem, item: OutboxItem) -> dict[str, Any]:
    """Return the card with the buttons that are left; with none, the line that was added takes their place."""
    pieces = pieces_of(item.content)
    if item.content.choices and isinstance(pieces[-1], CardPiece):
        return {"template_card": _card(item, pieces[-1], len(pieces))}
    said = [part.text for part in item.content.parts if isinstance(part, TextPart)]
    added = [text for text in said if TextPart(text=text) not in message.content.parts]
    return {"button": {"replace_name": (added or said or ["✓"])[0]}}


def _card(item: OutboxItem, piece: CardPiece, number: int) -> dict[str, Any]:
    buttons = [
        {"text": choice.text, "style": 1, "key": f"{item.id}:{piece.first + place}"}
        for place, choice in enumerate(piece.choices)
    ]
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": piece.title},
        # A task id is never used twice, and a message sent again by a person's word is sent.
        "task_id": f"zhituo-{item.id}-{number}-{item.attempts}-{int(item.not_before.timestamp())}",
        "button_list": buttons,
    }
    return card | ({"sub_title_text": piece.text} if piece.text else {})
