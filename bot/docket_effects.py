"""Effects on the docket as a whole: keep a list of rights, hand the docket out as a file, open and close its feed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from bot.dialogue.effects import FileForm
from bot.dialogue.replies import docket as replies
from rules.deadlines.assets import AssetFacts
from rules.deadlines.docket_out import DocketRow, ics_feed, xlsx_docket
from store.asset_lists import Entry
from store.docket_rows import open_docket
from store.messages import DocumentPart, Outgoing
from store.records import Asset, Person, StoredObligation
from store.transaction import Transaction

BATCH = 500
MOST_ROWS = 2_000  # of a file made while somebody waits; the feed has them all
_MEDIA = {
    FileForm.ICS: "text/calendar",
    FileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

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


async def make_file(
    tx: Transaction, person: Person, company_id: int, form: FileForm, today: date, now: datetime
) -> Outgoing:
    """Keep the docket as a file of the person and return the message that brings it."""
    asker = person.as_asker()
    company = await tx.people.company(company_id)
    rows = await open_docket(tx, asker, company_id)
    shown = rows[:MOST_ROWS]
    title = replies.docket_title(company.name)
    data = await asyncio.to_thread(_bytes, form, title, shown, today, now)
    filename = replies.file_name(form, company.name, today)
    kept = await tx.attachments(asker).keep(data, filename, _MEDIA[form], person.id, now)
    document = DocumentPart(attachment_id=kept.id, filename=kept.filename, media_type=kept.media_type)
    return replies.file_made(form, document, len(shown), len(rows) - len(shown))


async def open_feed(
    tx: Transaction, person: Person, company_id: int, base_url: str, now: datetime
) -> Outgoing:
    """Give the company's feed a new link and return the one message that shows it."""
    feeds = tx.feeds(person.as_asker())
    again = await feeds.opened_at(company_id) is not None
    token = await feeds.open(company_id, now)
    return replies.feed_opened(feed_link(base_url, token), again=again)


def _bytes(form: FileForm, title: str, rows: Sequence[DocketRow], today: date, now: datetime) -> bytes:
    return ics_feed(title, rows, now) if form is FileForm.ICS else xlsx_docket(title, rows, today)
