"""Effects on the docket as a whole: keep a list of rights, open its feed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.dialogue.replies import docket as replies
from rules.deadlines.assets import AssetFacts
from store.asset_lists import Entry
from store.messages import Outgoing
from store.records import Asset, Person, StoredObligation
from store.transaction import Transaction

BATCH = 100  # rights in one transaction: two tenths of a second in which nobody else writes

DocketAll = Callable[[Transaction, Sequence[Asset], date, datetime], Awaitable[Sequence[StoredObligation]]]


def feed_link(base_url: str, token: str) -> str:
    """Return the address under which a calendar reads the feed."""
    return f"{base_url.rstrip('/')}/feeds/{token}/deadlines.ics"


@dataclass(slots=True)
class KeptList:
    """What keeping a list has come to so far."""

    entries: list[Entry] = field(default_factory=list)
    written: list[Asset] = field(default_factory=list)
    due: list[StoredObligation] = field(default_factory=list)


async def keep_some(
    tx: Transaction,
    person: Person,
    kept: KeptList,
    said: Sequence[AssetFacts],
    docket_all: DocketAll,
    today: date,
    now: datetime,
) -> None:
    """Keep these rights of the person's company, compute what is due, and add to `kept` what that came to."""
    if person.company_id is None:
        raise ValueError(f"person {person.id} speaks for no company")
    put = await tx.assets(person.as_asker()).put_all(person.company_id, said, now)
    fresh = [asset for _, asset in put if asset is not None]
    kept.due += await docket_all(tx, fresh, today, now)
    kept.entries += [entry for entry, _ in put]
    kept.written += fresh


def told_of(kept: KeptList, same: int, today: date) -> Outgoing:
    """Return what is told of a list that was kept; `same` rows of it were kept already."""
    return replies.list_kept(kept.entries, kept.written, kept.due, same, today)


async def open_feed(
    tx: Transaction, person: Person, company_id: int, base_url: str, now: datetime
) -> Outgoing:
    """Give the company's feed a new link and return the one message that shows it."""
    feeds = tx.feeds(person.as_asker())
    again = await feeds.opened_at(company_id) is not None
    token = await feeds.open(company_id, now)
    return replies.feed_opened(feed_link(base_url, token), again=again)
