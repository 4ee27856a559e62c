"""The desk on a fresh database, with staff of two agencies and of the bureau, and a browser without a browser."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from nicegui import core, ui
from nicegui.testing import User
from nicegui.testing.general import nicegui_reset_globals

from bot.deep_links import Doors
from bot.handoff import flows
from desk.deps import DeskDeps
from desk.door import COOKIE
from desk.passwords import hash_password
from desk.setup import mount
from knowledge.base import KnowledgeBase
from rules.facts import FactDictionary
from store.asker import SYSTEM, Role
from store.case_records import Case
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.records import Company, Person, StoredFact
from store.transaction import Transaction
from tests.unit.desk.newsroom import Newsroom, newsroom

PASSWORD = "correct horse battery"
_hashed = cache(hash_password)  # made slow on purpose: once is enough for all tests


@dataclass(frozen=True)
class Profile:
    id: str
    name: str
    districts: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    demo: bool = False
    takes_cases: bool = True


AGENCIES = {"one": Profile("one", "甲机构"), "two": Profile("two", "乙机构")}


@dataclass
class Office:
    """Everybody who takes part, and the clock they go by."""

    database: Database
    now: datetime
    people: dict[str, Person] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    woken: int = 0
    shelf: dict[str, Any] = field(default_factory=dict)
    facts: FactDictionary = field(default_factory=lambda: FactDictionary(()))
    room: Newsroom | None = None
    doors: Doors = field(default_factory=Doors)

    @property
    def deps(self) -> DeskDeps:
        editorial = None if self.room is None else self.room.editorial
        return DeskDeps(self.database, self._knowledge, lambda: self.now, self._wake, editorial, self.doors)

    def _knowledge(self) -> KnowledgeBase:
        if self.room is not None:
            return self.room.editorial.service.knowledge
        knowledge = SimpleNamespace(
            agencies=AGENCIES,
            documents=self.shelf.values,
            document=self.shelf.__getitem__,
            hash="f" * 16,
            rules=self.shelf,
            facts=self.facts,
            files={},
        )
        return cast(KnowledgeBase, knowledge)

    def _wake(self) -> None:
        self.woken += 1

    async def hire(
        self, login: str, role: Role, *, agency_id: str | None = None, must_change: bool = False
    ) -> None:
        hashed = _hashed(PASSWORD)
        async with self.database.transaction() as tx:
            self.people[login] = await tx.people.add_person(
                role,
                self.now,
                name=f"{login}先生",
                agency_id=agency_id,
                login=login,
                password_hash=hashed,
                must_change_password=must_change,
            )

    async def company(self, name: str) -> Person:
        """Add a company whose owner writes from the web page; return the owner."""
        async with self.database.transaction() as tx:
            self.companies[name] = await tx.people.add_company(name, self.now)
            owner = await tx.people.add_person(Role.OWNER, self.now, company_id=self.companies[name].id)
            await tx.people.add_address(owner.id, Channel.WEB, f"browser of {name}", self.now)
            self.people[name] = owner
        return owner

    async def case(self, name: str, summary: str = "年费忘了交") -> Case:
        """Let the company ask for a person; return the case as it was offered."""
        async with self.database.transaction() as tx:
            return await ask(tx, self.people[name], summary, self.now)

    async def token(self, login: str) -> str:
        async with self.database.transaction() as tx:
            return await tx.sessions.open(self.people[login].id, self.now, self.now + timedelta(hours=1))


async def ask(tx: Transaction, owner: Person, summary: str, now: datetime) -> Case:
    await flows.request(
        tx,
        owner,
        topic="annuity_late",
        summary=summary,
        statutory_day=None,
        agencies=AGENCIES.values(),
        now=now,
        consent=flows.Consent(("企业名称", "本次对话"), now),
    )
    case = await flows.active_case(tx, owner.id)
    assert case is not None
    return case


def said(office: Office, text: str) -> Incoming:
    """Return what an owner wrote on the web page."""
    return Incoming(
        channel=Channel.WEB,
        address="browser",
        update_id=text,
        kind=IncomingKind.TEXT,
        received_at=office.now,
        text=text,
    )


async def staffed_office(database: Database, now: datetime) -> Office:
    """Return an office with one member of an agency and one company."""
    office = Office(database, now)
    await office.hire("zhou", Role.AGENCY, agency_id="one")
    await office.company("海天试验")
    return office


@pytest.fixture
async def office(database: Database, now: datetime) -> Office:
    return await staffed_office(database, now)


@pytest.fixture
async def bureau(office: Office, tmp_path: Path) -> Office:
    """An office that edits its content: an editor, two approvers, three companies of which something is known."""
    office.room = newsroom(tmp_path)
    for login, role in (("lin", Role.EDITOR), ("shen", Role.APPROVER), ("wu", Role.APPROVER)):
        await office.hire(login, role)
    for name, values in (
        ("甲区小厂", {"注册地": "甲区", "人数": 10}),
        ("乙区小厂", {"注册地": "乙区", "人数": 10}),
        ("不知在哪", {"人数": 30}),
    ):
        await office.company(name)
        async with office.database.transaction() as tx:
            known = [StoredFact(name=key, state="value", value=value, source="企业", day=office.now.date())
                     for key, value in values.items()]  # fmt: skip
            await tx.facts(SYSTEM).remember(office.companies[name].id, known, office.now)
    return office


SignIn = Callable[[str], Awaitable[User]]


class PatientUser(User):
    """Waits ten seconds for what should be seen; the library's third of a second is too short on a busy machine."""

    async def should_see(self, *args: Any, retries: int = 100, **kwargs: Any) -> None:
        """Return as soon as it is seen."""
        await super().should_see(*args, retries=retries, **kwargs)


@pytest.fixture
async def app(office: Office) -> AsyncIterator[FastAPI]:
    """The service's application with the desk in it, started."""
    modules = dict(sys.modules)
    with nicegui_reset_globals():
        os.environ["NICEGUI_USER_SIMULATION"] = "true"
        app = FastAPI()
        mount(app, office.deps)
        async with app.router.lifespan_context(app):
            yield app
        os.environ.pop("NICEGUI_USER_SIMULATION")
    sys.modules.update(modules)  # the reset forgets modules that registered pages


@pytest.fixture
async def sign_in(app: FastAPI, office: Office) -> AsyncIterator[SignIn]:
    """Return a browser that is signed in as somebody."""
    clients: list[httpx.AsyncClient] = []

    async def user(login: str) -> User:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url="http://test")
        clients.append(client)
        client.cookies.set(COOKIE, await office.token(login))
        simulated = PatientUser(client)
        simulated.javascript_rules[re.compile(r".*\.state\.doc\.length")] = lambda _: (
            None
        )  # no editor is drawn
        return simulated

    yield user
    for client in clients:
        await client.aclose()


def press(user: User, text: str) -> None:
    """Press the button that says `text`."""
    user.find(kind=ui.button, content=text).click()


@pytest.fixture
async def door(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Return a browser at the door: whole requests, no scripts."""
    transport: Any = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
