"""Links that are printed or passed on, and how many people came by each."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Integer, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.errors import StoreError
from store.messages import Channel
from store.models import CampaignRow, CampaignVisitRow
from store.records import Record

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LENGTH = 40


class SlugError(StoreError):
    """The name of a campaign's link is taken, or not of small letters, digits and hyphens."""


class Campaign(Record):
    """One link."""

    id: int
    slug: str
    title: str
    topic: str
    ended: bool
    created_at: datetime


class Counted(Record):
    """How many people came by a campaign's link, and how many of them were new to us."""

    campaign: Campaign
    people: int
    new: int


class Campaigns:
    """Keeps campaigns and counts who comes by them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, slug: str, title: str, topic: str, created_by: int, now: datetime) -> Campaign:
        """Return the new campaign. Raises SlugError."""
        if not SLUG.fullmatch(slug) or len(slug) > SLUG_LENGTH or await self.at(slug) is not None:
            raise SlugError(slug[:SLUG_LENGTH])
        row = CampaignRow(slug=slug, title=title, topic=topic, created_by=created_by, created_at=now)
        self._session.add(row)
        await self._session.flush()
        return Campaign.model_validate(row)

    async def at(self, slug: str) -> Campaign | None:
        """Return the campaign of a link, ended or not, or None."""
        row = await self._session.scalar(select(CampaignRow).where(CampaignRow.slug == slug))
        return None if row is None else Campaign.model_validate(row)

    async def end(self, campaign_id: int, ended: bool = True) -> None:
        """Let the link only greet from now on, or open its topic again."""
        await self._session.execute(
            update(CampaignRow).where(CampaignRow.id == campaign_id).values(ended=ended)
        )

    async def visited(
        self, campaign_id: int, person_id: int, channel: Channel, now: datetime, *, first_visit: bool
    ) -> bool:
        """Count the person and return whether they are counted for the first time."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        added = await self._session.scalar(
            insert(CampaignVisitRow)
            .values(
                campaign_id=campaign_id, person_id=person_id, channel=channel, first_visit=first_visit, at=now
            )
            .on_conflict_do_nothing(index_elements=["campaign_id", "person_id"])
            .returning(CampaignVisitRow.id)
        )
        return added is not None

    async def counted(self) -> list[Counted]:
        """Return every campaign with its counts, the newest first."""
        rows = await self._session.execute(
            select(
                CampaignRow,
                func.count(CampaignVisitRow.id),
                func.coalesce(func.sum(cast(CampaignVisitRow.first_visit, Integer)), 0),
            )
            .join(CampaignVisitRow, CampaignVisitRow.campaign_id == CampaignRow.id, isouter=True)
            .group_by(CampaignRow.id)
            .order_by(CampaignRow.id.desc())
        )
        return [
            Counted(campaign=Campaign.model_validate(row), people=people, new=new)
            for row, people, new in rows
        ]
