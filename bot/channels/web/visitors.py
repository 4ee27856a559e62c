"""Who sits at the browser: a session cookie, and behind it an owner whose company may not have a name yet."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response

from bot.channels.writers import known_writer
from store.asker import Role
from store.messages import Channel
from store.records import Person
from store.transaction import Transaction

COOKIE = "zhituo_chat"
LASTS = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person and the address under which this channel writes to them."""

    person: Person
    address: str
    since: datetime | None = None  # when a browser was let in that was somebody else's before


async def visitor_of(tx: Transaction, request: Request, now: datetime) -> Visitor | None:
    """Return who holds the request's cookie; None where it has none, an ended one, or one of the staff."""
    token = request.cookies.get(COOKIE)
    person = await tx.sessions.person(token, now) if token else None
    if person is None or person.role is not Role.OWNER:
        return None
    for address in await tx.people.addresses(person.id):
        if address.channel is Channel.WEB:
            return Visitor(person, address.address, await tx.sessions.bound_at(token or ""))
    return None


async def open_for(tx: Transaction, person: Person, now: datetime) -> str:
    """Return the token of a new session for an owner, who gets an address on the page where they have none."""
    pages = [each for each in await tx.people.addresses(person.id) if each.channel is Channel.WEB]
    page = pages[0] if pages else await tx.people.add_address(person.id, Channel.WEB, _new_address(), now)
    return await tx.sessions.open(person.id, now, now + LASTS, address=page.address)


async def welcome(tx: Transaction, now: datetime) -> str:
    """Return the token of a session for somebody not seen before."""
    return await open_for(tx, await known_writer(tx, Channel.WEB, _new_address(), "", now), now)


def set_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Give the browser its token, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def _new_address() -> str:
    return f"visitor-{secrets.token_hex(12)}"
