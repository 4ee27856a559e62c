"""An owner, two agencies with staff, and a case that may be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from bot.handoff.flows import Consent, active_case, request
from store.asker import Role
from store.case_records import Case
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.outbox import Letter
from store.records import Company, Person
from store.transaction import Transaction


@dataclass(frozen=True)
class Profile:
    id: str
    name: str
    districts: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    demo: bool = False
    takes_cases: bool = True


AGENCIES = (Profile("one", "甲机构"), Profile("two", "乙机构"))


@dataclass
class World:
    database: Database
    company: Company
    owner: Person
    staff: Person
    colleague: Person
    rival: Person
    now: datetime

    async def ask(
        self, tx: Transaction, *, statutory_day: date | None = None, now: datetime | None = None
    ) -> list[Letter]:
        """Ask for a person; the letters are written, as the pipeline does."""
        return await request(
            tx,
            self.owner,
            topic="annuity_late",
            summary="年费忘了交",
            statutory_day=statutory_day,
            agencies=AGENCIES,
            now=now or self.now,
            consent=Consent(("企业名称", "本次对话"), self.now),
        )

    async def asked(self, tx: Transaction, *, statutory_day: date | None = None) -> Case:
        """Ask for a person and return the case that waits."""
        await self.ask(tx, statutory_day=statutory_day)
        case = await active_case(tx, self.owner.id)
        assert case is not None
        return case

    def words(self, text: str, update_id: str = "u1") -> Incoming:
        return Incoming(
            channel=Channel.WEB,
            address="browser",
            update_id=update_id,
            kind=IncomingKind.TEXT,
            received_at=self.now,
            text=text,
        )


@pytest.fixture
async def world(database: Database, now: datetime) -> World:
    async with database.transaction() as tx:
        company = await tx.people.add_company("宁波海天试验有限公司", now)
        owner = await tx.people.add_person(Role.OWNER, now, name="老板", company_id=company.id)
        await tx.people.add_address(owner.id, Channel.WEB, "browser", now)
        staff = await tx.people.add_person(Role.AGENCY, now, name="小周", agency_id="one", login="zhou")
        colleague = await tx.people.add_person(Role.AGENCY, now, name="小吴", agency_id="one", login="wu")
        rival = await tx.people.add_person(Role.AGENCY, now, name="小郑", agency_id="two", login="zheng")
    return World(database, company, owner, staff, colleague, rival, now)
