"""The docket as a file: read, made by the thread that draws while nothing is locked, and only then kept and sent.

SQLite has one writer: while a spreadsheet of two thousand rows is made, nobody may have to wait for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.dialogue.effects import FileForm
from bot.dialogue.replies import docket as replies
from bot.pictures.drawing import in_turn
from rules.deadlines.docket_out import DocketRow, ics_feed, xlsx_docket
from store.docket_rows import open_docket
from store.messages import DocumentPart, Outgoing
from store.records import Person
from store.transaction import Transaction

MOST_ROWS = 2_000  # of a file made while somebody waits; the feed has them all
_MEDIA = {
    FileForm.ICS: "text/calendar",
    FileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class DocketToWrite:
    """What goes into the file. `left_out` is how many rows found no room."""

    form: FileForm
    company_id: int
    company_name: str
    rows: Sequence[DocketRow]
    left_out: int


@dataclass(frozen=True, slots=True)
class DocketFile:
    """A file that is made and not kept yet."""

    docket: DocketToWrite
    data: bytes

    def is_for(self, person: Person, form: FileForm) -> bool:
        """Return whether it is the file wanted, of the company that the person speaks for."""
        return (self.docket.form, self.docket.company_id) == (form, person.company_id)


class FileFirstError(Exception):
    """The answer brings a file that is not made yet: it is made with nothing locked, and the answer written anew."""

    def __init__(self, person: Person, form: FileForm) -> None:
        super().__init__(f"a file {form.value} for person {person.id}")
        self.person = person
        self.form = form


async def read_docket(tx: Transaction, person: Person, form: FileForm) -> DocketToWrite:
    """Return what the person's file will hold. Raises ValueError for somebody without a company."""
    if person.company_id is None:
        raise ValueError(f"person {person.id} speaks for no company")
    company = await tx.people.company(person.company_id)
    rows = await open_docket(tx, person.as_asker(), company.id)
    return DocketToWrite(form, company.id, company.name, rows[:MOST_ROWS], len(rows[MOST_ROWS:]))


async def write_docket(docket: DocketToWrite, today: date, now: datetime) -> DocketFile:
    """Return the file."""
    return DocketFile(docket, await in_turn(_bytes, docket, today, now))


async def send_docket(
    tx: Transaction, person: Person, file: DocketFile, today: date, now: datetime
) -> Outgoing:
    """Keep the file as the person's and return the message that brings it."""
    docket = file.docket
    filename = replies.file_name(docket.form, docket.company_name, today)
    kept = await tx.attachments(person.as_asker()).keep(
        file.data, filename, _MEDIA[docket.form], person.id, now
    )
    document = DocumentPart(attachment_id=kept.id, filename=kept.filename, media_type=kept.media_type)
    return replies.file_made(docket.form, document, len(docket.rows), docket.left_out)


def _bytes(docket: DocketToWrite, today: date, now: datetime) -> bytes:
    title = replies.docket_title(docket.company_name)
    if docket.form is FileForm.ICS:
        return ics_feed(title, docket.rows, now)
    return xlsx_docket(title, docket.rows, today)
