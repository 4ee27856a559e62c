"""Effects on the docket as a whole: keep a list of rights, open its feed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from bot.dialogue.replies import docket as replies
from rules.deadlines.assets import AssetFacts
from store.asset_lists import Entry
from store.messages import Outgoing
from store.records import Asset, Person, StoredObligation
from store.transaction import Transaction

BATCH = 500

DocketAll = Callable[[Transaction, Sequence[Asset], date, datetime], Awaitable[Sequence[StoredObligation]]]


def feed_link(base_url: str, token: str) -> str:
    """Return the address under which a calendar reads the feed."""
    return f"{base_url.rstrip('/')}/feeds/{token}/deadlines.ics"


async def keep_list(
    tx: Transaction,
    person: Person,
    company_id: int,
    said: Sequence[AssetFacts],
    docket_all: DocketAll,
    today: date,
    now: datetime,
) -> Outgoing:
    """Keep the rights, compute what is due, and return what is told of it."""
    entries: list[Entry] = []
    written: list[Asset] = []
    due: list[StoredObligation] = []
    for first in range(0, len(said), BATCH):
        kept = await tx.assets(person.as_asker()).put_all(company_id, said[first : first + BATCH], now)
        entries += [entry for entry, _ in kept]
        fresh = [asset for _, asset in kept if asset is not None]
        due += await docket_all(tx, fresh, today, now)
        written += fresh
    return replies.list_kept(entries, written, due, today)


async def open_feed(
    tx: Transaction, person: Person, company_id: int, base_url: str, now: datetime
) -> Outgoing:
    """Give the company's feed a new link and return the one message that shows it."""
    feeds = tx.feeds(person.as_asker())
    again = await feeds.opened_at(company_id) is not None
    token = await feeds.open(company_id, now)
    return replies.feed_opened(feed_link(base_url, token), again=again)
