"""Agencies' group chats: bound by a one-time code from the desk, replaced by another group, or ended.

The same kind of code makes a chat account a person's of the agency. It is said behind a command, as no owner's code is,
and kept in a table of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Role
from store.limits import Limits, Window
from store.models import AgencyCodeRow, AgencyGroupRow, PersonRow
from store.one_time_codes import code_hash, new_code, said_code, shown
from store.records import Person, Record

LASTS = timedelta(minutes=10)
_TRIES = 5
_TRIES_PERIOD = timedelta(minutes=10)


class CodePurpose(StrEnum):
    """What a code may be used for."""

    GROUP = "group"  # said in a group by its administrator: the group becomes the agency's
    MEMBER = "member"  # said in a private chat: the account becomes the person's


class EndedHow(StrEnum):
    """Why a group is no longer the agency's."""

    REPLACED = "replaced"  # another group took its place
    UNBOUND = "unbound"  # by somebody of the agency
    REMOVED = "removed"  # we were taken out of the group


class CodeRefused(Enum):
    """Why a code was not taken."""

    UNKNOWN = "unknown"  # no such code, used already, or its time has passed
    TOO_MANY = "too_many"  # too many wrong codes from this place: wait ten minutes


class AgencyGroup(Record):
    """A group that is, or was, an agency's."""

    id: int
    agency_id: str
    chat: str
    title: str
    bound_by: int
    bound_at: datetime
    ended_at: datetime | None
    ended_how: EndedHow | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A code that was taken, and whose it was."""

    person: Person


class AgencyGroups:
    """Issues and takes codes, and knows which group is whose."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def issue_code(self, person: Person, purpose: CodePurpose, now: datetime) -> str:
        """Return a new code ("K7MP-3WXN"), the only time it is seen; the person's older ones of the kind end."""
        await self._session.execute(
            delete(AgencyCodeRow).where(
                or_(
                    (AgencyCodeRow.person_id == person.id) & (AgencyCodeRow.purpose == purpose),
                    AgencyCodeRow.expires_at < now,
                )
            )
        )
        code = new_code()
        while await self._session.get(AgencyCodeRow, code_hash(code)) is not None:
            code = new_code()
        self._session.add(
            AgencyCodeRow(
                code_hash=code_hash(code),
                person_id=person.id,
                purpose=purpose,
                expires_at=now + LASTS,
                created_at=now,
            )
        )
        await self._session.flush()
        return shown(code)

    async def take_code(
        self, text: str, purpose: CodePurpose, place: str, now: datetime
    ) -> Taken | CodeRefused:
        """Use the code up and return whose it was. A wrong one counts against `place`, where it was said."""
        window = Window(f"agency code:{place}"[:200], _TRIES, _TRIES_PERIOD)
        limits = Limits(self._session)
        await limits.lock([window.scope])
        if await limits.free_at(window, now, bulk=False) > now:
            return CodeRefused.TOO_MANY
        said = said_code(text)
        row = None
        if said is not None:
            row = await self._session.get(AgencyCodeRow, code_hash(said.code), with_for_update=True)
        person = None if row is None else await self._session.get(PersonRow, row.person_id)
        if (
            row is None
            or person is None
            or row.purpose != purpose
            or row.used_at is not None
            or row.expires_at <= now
            or person.disabled
            or person.role != Role.AGENCY
        ):
            await limits.take([window.scope], now)
            return CodeRefused.UNKNOWN
        row.used_at = now
        await self._session.flush()
        return Taken(Person.model_validate(person))

    async def bind(
        self, agency_id: str, chat: str, title: str, person_id: int, now: datetime
    ) -> tuple[AgencyGroup, AgencyGroup | None]:
        """Return the group now the agency's, and the one whose place it took. The chat must be nobody's."""
        before = await self.of_agency(agency_id)
        if before is not None:
            await self.end(before, EndedHow.REPLACED, now)
        row = AgencyGroupRow(
            agency_id=agency_id, chat=chat, title=title[:200], bound_by=person_id, bound_at=now
        )
        self._session.add(row)
        await self._session.flush()
        return _group(row), before

    async def end(self, group: AgencyGroup, how: EndedHow, now: datetime) -> bool:
        """Record that the group is no longer the agency's; False when it already was not."""
        ended = await self._session.execute(
            update(AgencyGroupRow)
            .where(AgencyGroupRow.id == group.id, AgencyGroupRow.ended_at.is_(None))
            .values(ended_at=now, ended_how=how)
        )
        return bool(ended.rowcount == 1)  # type: ignore[attr-defined]

    async def of_agency(self, agency_id: str) -> AgencyGroup | None:
        """Return the group that the agency uses."""
        return await self._in_use(AgencyGroupRow.agency_id == agency_id)

    async def at(self, chat: str) -> AgencyGroup | None:
        """Return what binds this chat to an agency."""
        return await self._in_use(AgencyGroupRow.chat == chat)

    async def all_in_use(self) -> list[AgencyGroup]:
        """Return every agency's group."""
        rows = await self._session.scalars(
            select(AgencyGroupRow).where(AgencyGroupRow.ended_at.is_(None)).order_by(AgencyGroupRow.id)
        )
        return [_group(row) for row in rows]

    async def history(self, agency_id: str, limit: int = 10) -> list[AgencyGroup]:
        """Return the groups that were the agency's, the last one first."""
        rows = await self._session.scalars(
            select(AgencyGroupRow)
            .where(AgencyGroupRow.agency_id == agency_id, AgencyGroupRow.ended_at.is_not(None))
            .order_by(AgencyGroupRow.id.desc())
            .limit(limit)
        )
        return [_group(row) for row in rows]

    async def _in_use(self, condition: object) -> AgencyGroup | None:
        row = await self._session.scalar(
            select(AgencyGroupRow)
            .where(condition, AgencyGroupRow.ended_at.is_(None))  # type: ignore[arg-type]
            .execution_options(populate_existing=True)
        )
        return None if row is None else _group(row)


def _group(row: AgencyGroupRow) -> AgencyGroup:
    return AgencyGroup(
        id=row.id,
        agency_id=row.agency_id,
        chat=row.chat,
        title=row.title,
        bound_by=row.bound_by,
        bound_at=row.bound_at,
        ended_at=row.ended_at,
        ended_how=EndedHow(row.ended_how) if row.ended_how else None,
    )
