"""Who may come in: passwords checked with argon2, guessing slowed down, sessions that end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from desk.deps import DeskDeps
from desk.guessing import Counts, forgive, mark, recognised
from desk.passwords import hash_password, verify_password, weakness
from store.asker import Role
from store.records import Person

SESSION: Final = timedelta(hours=12)
DESK_ROLES: Final = frozenset({Role.AGENCY, Role.EDITOR, Role.APPROVER, Role.OPERATOR})


class Refusal(StrEnum):
    """Why somebody is not let in; the value is the key of the sentence."""

    WRONG = "login.wrong"  # nobody of that login, or another password: not told apart
    BARRED = "login.barred"  # too many failures lately; a browser that has signed in before still may
    BARRED_HERE = "login.barred_here"  # too many failures in a browser that has signed in before
    NO_DESK = "login.no_desk"  # known, but not staff


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of a sign-in: a token and the person, or a refusal. `browser` makes the browser known from now on."""

    token: str = ""
    browser: str = ""
    person: Person | None = None
    refusal: Refusal | None = None
    barred_until: datetime | None = None


async def sign_in(
    deps: DeskDeps, login: str, password: str, address: str, browser: str | None = None
) -> Entry:
    """Return the new session, or why there is none. `browser` is the mark that an earlier `Entry` gave it."""
    login = login.strip()
    now = deps.clock()
    async with deps.database.transaction() as tx:
        found = await tx.people.credentials(login)
        counts = Counts.of(login, address, recognised(browser, found, now))
        taken, until = await counts.take(tx.limits, now)
    if until is not None:
        return Entry(refusal=Refusal.BARRED_HERE if counts.known else Refusal.BARRED, barred_until=until)
    fits = await asyncio.to_thread(verify_password, None if found is None else found[1], password)
    if not fits or found is None:
        return Entry(refusal=Refusal.WRONG)
    person, password_hash = found
    async with deps.database.transaction() as tx:
        await forgive(tx.limits, taken, now)
        if person.role not in DESK_ROLES:
            return Entry(refusal=Refusal.NO_DESK)
        token = await tx.sessions.open(person.id, now, now + SESSION)
    return Entry(token=token, browser=mark(person, password_hash, now), person=person)


async def sign_out(deps: DeskDeps, token: str) -> None:
    """End the session."""
    async with deps.database.transaction() as tx:
        await tx.sessions.end(token)


async def signed_in(deps: DeskDeps, token: str | None) -> Person | None:
    """Return whose session this is, or None."""
    if not token:
        return None
    async with deps.database.reading() as tx:
        person = await tx.sessions.person(token, deps.clock())
    return person if person is not None and person.role in DESK_ROLES else None


async def change_password(deps: DeskDeps, person: Person, old: str, new: str, again: str) -> str | None:
    """Return the key of the sentence that says why not, or None when it is changed and all sessions have ended."""
    login = person.login or ""
    async with deps.database.reading() as tx:
        found = await tx.people.credentials(login)
    if not await asyncio.to_thread(verify_password, None if found is None else found[1], old):
        return "password.wrong_old"
    if new != again:
        return "password.differ"
    wrong = weakness(new, login, old)
    if wrong is not None:
        return wrong
    hashed = await asyncio.to_thread(hash_password, new)
    async with deps.database.transaction() as tx:
        await tx.people.set_password(person.id, hashed, must_change=False)
        await tx.sessions.end_all_of(person.id)
    return None
