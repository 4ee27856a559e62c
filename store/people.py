"""Companies, people and their addresses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Role
from store.errors import NotVisibleError
from store.messages import Channel
from store.models import AddressRow, CompanyRow, ConflictRow, PersonRow
from store.models.base import Instant
from store.records import Address, AddressState, Company, Person

# Built once, and run below the ORM: every message passes here.
_WRITER = (
    select(*PersonRow.__table__.c)
    .join(AddressRow, AddressRow.person_id == PersonRow.id)
    .where(AddressRow.channel == bindparam("channel"), AddressRow.address == bindparam("address"))
)
_HOLD_ADDRESS = text("SELECT pg_advisory_xact_lock(hashtextextended(:place, 0))")
_HEARD = (
    update(AddressRow)
    .where(AddressRow.channel == bindparam("of"), AddressRow.address == bindparam("from"))
    .values(last_heard_at=bindparam("at", type_=Instant()), state=AddressState.ACTIVE)
)


class People:
    """Who is who, and where they may be reached."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_company(
        self, name: str, now: datetime, *, credit_code: str | None = None, demo: bool = False
    ) -> Company:
        """Return the new company."""
        row = CompanyRow(name=name, credit_code=credit_code, demo=demo, created_at=now)
        self._session.add(row)
        await self._session.flush()
        return Company.model_validate(row)

    async def company(self, company_id: int) -> Company:
        """Return the company. Raises NotVisibleError when there is none."""
        row = await self._session.get(CompanyRow, company_id)
        if row is None:
            raise NotVisibleError(f"company {company_id}")
        return Company.model_validate(row)

    async def companies(self) -> list[Company]:
        """Return all companies by id: for the clock and for counting audiences."""
        rows = await self._session.scalars(select(CompanyRow).order_by(CompanyRow.id))
        return [Company.model_validate(row) for row in rows]

    async def rename_company(self, company_id: int, name: str) -> None:
        """Give the company another name."""
        await self._session.execute(update(CompanyRow).where(CompanyRow.id == company_id).values(name=name))

    async def add_person(
        self,
        role: Role,
        now: datetime,
        *,
        name: str = "",
        company_id: int | None = None,
        agency_id: str | None = None,
        login: str | None = None,
        password_hash: str | None = None,
        must_change_password: bool = False,
    ) -> Person:
        """Return the new person."""
        row = PersonRow(
            role=role,
            name=name,
            company_id=company_id,
            agency_id=agency_id,
            login=login,
            password_hash=password_hash,
            must_change_password=must_change_password,
            created_at=now,
        )
        self._session.add(row)
        await self._session.flush()
        return Person.model_validate(row)

    async def person(self, person_id: int) -> Person:
        """Return the person. Raises NotVisibleError when there is none."""
        row = await self._session.get(PersonRow, person_id)
        if row is None:
            raise NotVisibleError(f"person {person_id}")
        return Person.model_validate(row)

    async def count(self) -> int:
        """Return how many people are known: none on a first start."""
        return await self._session.scalar(select(func.count()).select_from(PersonRow)) or 0

    async def staff(self, role: Role | None = None, agency_id: str | None = None) -> list[Person]:
        """Return people with a login, of a role or an agency where one is named."""
        query = select(PersonRow).where(PersonRow.login.is_not(None), PersonRow.disabled.is_(False))
        if role is not None:
            query = query.where(PersonRow.role == role)
        if agency_id is not None:
            query = query.where(PersonRow.agency_id == agency_id)
        return [
            Person.model_validate(row) for row in await self._session.scalars(query.order_by(PersonRow.id))
        ]

    async def owners_of(self, company_id: int) -> list[Person]:
        """Return the people who speak for the company."""
        query = select(PersonRow).where(
            PersonRow.company_id == company_id, PersonRow.role == Role.OWNER, PersonRow.disabled.is_(False)
        )
        return [
            Person.model_validate(row) for row in await self._session.scalars(query.order_by(PersonRow.id))
        ]

    async def of_login(self, login: str) -> Person | None:
        """Return the person with this login, one who is disabled too, or None."""
        row = await self._session.scalar(select(PersonRow).where(PersonRow.login == login))
        return None if row is None else Person.model_validate(row)

    async def set_disabled(self, person_id: int, *, disabled: bool) -> None:
        """Let the person no longer do anything as staff, wherever they are signed in or bound; or let them again."""
        await self._session.execute(
            update(PersonRow).where(PersonRow.id == person_id).values(disabled=disabled)
        )

    async def all_staff(self) -> list[Person]:
        """Return everybody with a login, those who are disabled too."""
        rows = await self._session.scalars(
            select(PersonRow).where(PersonRow.login.is_not(None)).order_by(PersonRow.id)
        )
        return [Person.model_validate(row) for row in rows]

    async def credentials(self, login: str) -> tuple[Person, str] | None:
        """Return the person with this login and the hash of their password, or None."""
        row = await self._session.scalar(
            select(PersonRow).where(PersonRow.login == login, PersonRow.disabled.is_(False))
        )
        return (
            None
            if row is None or row.password_hash is None
            else (Person.model_validate(row), row.password_hash)
        )

    async def set_password(self, person_id: int, password_hash: str, *, must_change: bool) -> None:
        """Replace the hash of the person's password."""
        await self._session.execute(
            update(PersonRow)
            .where(PersonRow.id == person_id)
            .values(password_hash=password_hash, must_change_password=must_change)
        )

    async def set_broadcasts_wanted(self, person_id: int, wanted: bool) -> None:
        """Record whether the person wants policy broadcasts. Statutory reminders are not touched."""
        await self._session.execute(
            update(PersonRow).where(PersonRow.id == person_id).values(broadcasts_wanted=wanted)
        )

    async def set_reminders_wanted(self, person_id: int, wanted: bool) -> None:
        """Record whether the person wants statutory reminders. Where they do not, staff are told of what is due."""
        await self._session.execute(
            update(PersonRow).where(PersonRow.id == person_id).values(reminders_wanted=wanted)
        )

    async def add_address(self, person_id: int, channel: Channel, address: str, now: datetime) -> Address:
        """Return the person's new address, tried after those they already have."""
        seq = await self._session.scalar(
            select(func.coalesce(func.max(AddressRow.seq) + 1, 0)).where(AddressRow.person_id == person_id)
        )
        row = AddressRow(
            person_id=person_id,
            channel=channel,
            address=address,
            seq=seq or 0,
            bound_at=now,
            created_at=now,
        )
        self._session.add(row)
        await self._session.flush()
        return Address.model_validate(row)

    async def newcomer(self, channel: Channel, address: str) -> Person | None:
        """Return who has come to the address meanwhile, or None: then nobody else comes to it before this transaction ends.

        Two first messages at once are of one person. On SQLite nobody else writes meanwhile.
        """
        connection = await self._session.connection()
        if connection.dialect.name != "sqlite":
            await connection.execute(_HOLD_ADDRESS, {"place": f"{channel} {address}"})
        return await self.at(channel, address)

    async def at(self, channel: Channel, address: str) -> Person | None:
        """Return the person who writes from this address, or None."""
        connection = await self._session.connection()
        row = (await connection.execute(_WRITER, {"channel": channel, "address": address})).one_or_none()
        return None if row is None else Person.model_validate(dict(row._mapping))

    async def addresses(self, person_id: int) -> list[Address]:
        """Return the person's addresses, the one to try first before the others."""
        rows = await self._session.scalars(
            select(AddressRow)
            .where(AddressRow.person_id == person_id)
            .order_by(AddressRow.seq, AddressRow.id)
        )
        return [Address.model_validate(row) for row in rows]

    async def set_address_state(self, channel: Channel, address: str, state: AddressState) -> None:
        """Record that the address works, is blocked, or is not known to its vendor."""
        await self._session.execute(
            update(AddressRow)
            .where(AddressRow.channel == channel, AddressRow.address == address)
            .values(state=state)
        )

    async def heard_from(self, channel: Channel, address: str, at: datetime) -> None:
        """Record when the address last wrote to us: WeChat's window counts from it. A blocked one is active again."""
        connection = await self._session.connection()
        await connection.execute(_HEARD, {"of": channel, "from": address, "at": at})

    async def add_conflict(self, agency_id: str, company_id: int, reason: str, now: datetime) -> None:
        """Record that the agency may not see the company's cases (专利代理条例 第14条)."""
        self._session.add(
            ConflictRow(agency_id=agency_id, company_id=company_id, reason=reason, created_at=now)
        )
        await self._session.flush()

    async def conflicted_agencies(self, company_id: int) -> frozenset[str]:
        """Return the agencies that may not see the company's cases."""
        rows = await self._session.scalars(
            select(ConflictRow.agency_id).where(ConflictRow.company_id == company_id)
        )
        return frozenset(rows)
