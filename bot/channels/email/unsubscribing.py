"""Leaving the broadcasts by one click (RFC 8058). Statutory reminders can not be left: they carry no such link."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import structlog
from fastapi import APIRouter, Response

from bot.channels.plain_page import plain_page
from bot.channels.rendering import escape
from bot.channels.texts import TEXTS
from store.database import Database
from store.errors import NotVisibleError

log = structlog.get_logger()

PATH = "/email/unsubscribe"
_SIGNATURE = 20


class UnsubscribeLinks:
    """Makes and reads the signed part of a link: whose broadcasts end."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, person_id: int) -> str:
        """Return the token of a person's link. It stays good: an old mail must still let its reader leave."""
        number = str(person_id)
        return f"{number}.{base64.urlsafe_b64encode(self._sign(number)).decode().rstrip('=')}"

    def person(self, token: str) -> int | None:
        """Return whose link it is, None for one we did not make."""
        number, _, signature = token.partition(".")
        if not (number.isascii() and number.isdecimal() and len(number) < 18):
            return None
        try:
            given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        except (binascii.Error, ValueError):
            return None
        return int(number) if hmac.compare_digest(given, self._sign(number)) else None

    def _sign(self, number: str) -> bytes:
        return hmac.digest(self._key, number.encode(), hashlib.sha256)[:_SIGNATURE]


def router(links: UnsubscribeLinks, database: Database) -> APIRouter:
    """Return the routes. Opening the link changes nothing, because scanners of mail open every link; posting to it does."""
    routes = APIRouter(include_in_schema=False)

    async def ask(token: str) -> Response:
        if links.person(token) is None:
            return _page(404, _paragraph("unsubscribe_wrong"))
        button = (
            f'<form method="post"><button>{escape(TEXTS.say("email.unsubscribe_button"))}</button></form>'
        )
        return _page(200, _paragraph("unsubscribe_page") + button + _paragraph("unsubscribe_note"))

    async def leave(token: str) -> Response:
        person_id = links.person(token)
        if person_id is None:
            log.warning("a link for unsubscribing that is not ours was refused")
            return _page(404, _paragraph("unsubscribe_wrong"))
        try:
            async with database.transaction() as tx:
                person = await tx.people.person(person_id)
                await tx.people.set_broadcasts_wanted(person.id, False)
        except NotVisibleError:
            return _page(404, _paragraph("unsubscribe_wrong"))
        return _page(200, _paragraph("unsubscribed"))

    routes.add_api_route(f"{PATH}/{{token}}", ask, methods=["GET"])
    routes.add_api_route(f"{PATH}/{{token}}", leave, methods=["POST"])
    return routes


def _paragraph(key: str) -> str:
    return f"<p>{escape(TEXTS.say(f'email.{key}'))}</p>"


def _page(status: int, body: str) -> Response:
    return plain_page(status, TEXTS.say("email.unsubscribe_page"), body)
