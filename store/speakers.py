"""Who speaks, for which company, and where the talk with them stands: one query, as every message needs all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Executable, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Role
from store.errors import NotVisibleError
from store.messages import Channel
from store.models import AddressRow, CompanyRow, ConversationRow, FeedRow, PersonRow
from store.records import Company, ConversationRecord, Person


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person with what is theirs. `feed_since` is when the link of their company's calendar was opened, if it was."""

    person: Person
    company: Company | None
    conversation: ConversationRecord | None
    feed_since: datetime | None


_OWN_FEED = and_(FeedRow.company_id == PersonRow.company_id, PersonRow.role == Role.OWNER)
_SPEAKER = (
    select(PersonRow, CompanyRow, ConversationRow, FeedRow.opened_at)
    .join(CompanyRow, CompanyRow.id == PersonRow.company_id, isouter=True)
    .join(ConversationRow, ConversationRow.person_id == PersonRow.id, isouter=True)
    .join(FeedRow, _OWN_FEED, isouter=True)
)
_HOLD = select(PersonRow.id).where(PersonRow.id == bindparam("person_id")).with_for_update(key_share=True)
_OF = _SPEAKER.where(PersonRow.id == bindparam("person_id"))
_AT = _SPEAKER.join(AddressRow, AddressRow.person_id == PersonRow.id).where(
    AddressRow.channel == bindparam("channel"), AddressRow.address == bindparam("address")
)


class Speakers:
    """People as they are met at the beginning of a turn."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, person_id: int) -> Speaker:
        """Return the person. Raises NotVisibleError when there is none."""
        found = await self._one(_OF, {"person_id": person_id})
        if found is None:
            raise NotVisibleError(f"person {person_id}")
        return found

    async def at(self, channel: Channel, address: str) -> Speaker | None:
        """Return the person who writes from this address now, or None."""
        return await self._one(_AT, {"channel": channel, "address": address})

    async def hold(self, person_id: int) -> None:
        """Let no other process act on what the person said until this transaction ends.

        On SQLite nobody else writes meanwhile. On PostgreSQL the person's row is locked, against others who do the
        same only: rows that refer to it may be written.
        """
        connection = await self._session.connection()
        if connection.dialect.name != "sqlite":
            await connection.execute(_HOLD, {"person_id": person_id})

    async def _one(self, query: Executable, values: Mapping[str, object]) -> Speaker | None:
        row = (await self._session.execute(query, values)).one_or_none()
        if row is None:
            return None
        person, company, conversation, feed_since = row
        return Speaker(
            person=Person.model_validate(person),
            company=None if company is None else Company.model_validate(company),
            conversation=None if conversation is None else ConversationRecord.model_validate(conversation),
            feed_since=feed_since,
        )
