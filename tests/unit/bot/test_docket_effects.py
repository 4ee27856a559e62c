"""What the pipeline does for lists, files and links: in the person's own name, and for their own company only."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
from icalendar import Calendar
from openpyxl import Workbook, load_workbook

from bot import docket_effects, docket_file
from bot.carry_out import Situation, carry_out
from bot.dialogue.effects import CloseFeed, FileForm, ForgetCompany, MakeFile, OpenFeed
from bot.dialogue.topics.asset_list import KEEP
from bot.docket_file import DocketFile, DocketToWrite, FileFirstError, read_docket, send_docket, write_docket
from bot.sheets import read_sheet, sent_list
from rules.deadlines.assets import AssetFacts, AssetKind
from store.addresses import Place
from store.asker import SYSTEM, Role
from store.database import Database
from store.errors import NotVisibleError
from store.messages import Action, Channel, DocumentPart, Incoming, IncomingKind, Outgoing, Verb
from store.obligation_records import Computed
from store.outbox import Letter
from store.records import Asset, Attachment, Person, StoredObligation
from store.transaction import Transaction

TODAY = date(2026, 11, 20)
DUE = date(2027, 4, 15)


class OneYear:
    """A docket in which every right has one fee due; the real one is the scheduler's."""

    async def docket_asset(
        self, tx: Transaction, asset: Asset, today: date, now: datetime
    ) -> Sequence[StoredObligation]:
        return await self.docket_assets(tx, [asset], today, now)

    async def docket_assets(
        self, tx: Transaction, assets: Sequence[Asset], today: date, now: datetime
    ) -> Sequence[StoredObligation]:
        fee = Computed(
            kind="annuity",
            key="annuity:8",
            title="第8年年费",
            nominal=DUE,
            legal=DUE,
            safe=DUE,
            amount_fen=200_000,
        )
        return await tx.obligations(SYSTEM).upsert_all(
            [(asset, [fee]) for asset in assets], lambda _: now, now
        )


async def _owner(database: Database, now: datetime, name: str) -> Person:
    async with database.transaction() as tx:
        company = await tx.people.add_company(name, now)
        return await tx.people.add_person(Role.OWNER, now, company_id=company.id)


def _facts(number: str = "202010293847.9", title: str = "一种轴承") -> AssetFacts:
    return AssetFacts(kind=AssetKind.INVENTION, number=number, title=title, filing=date(2020, 4, 15))


async def _keep(database: Database, owner: Person, now: datetime, *said: AssetFacts) -> Outgoing:
    async with database.transaction() as tx:
        kept = docket_effects.KeptList()
        await docket_effects.keep_some(tx, owner, kept, said, OneYear().docket_assets, TODAY, now)
        return docket_effects.told_of(kept, 0, TODAY)


async def _make(database: Database, owner: Person, form: FileForm, now: datetime) -> tuple[Attachment, bytes]:
    async with database.transaction() as tx:
        file = await write_docket(await read_docket(tx, owner, form), TODAY, now)
        told = await send_docket(tx, owner, file, TODAY, now)
        (document,) = (part for part in told.parts if isinstance(part, DocumentPart))
        return await tx.attachments(owner.as_asker()).read(document.attachment_id)


def _situation(owner: Person, now: datetime) -> Situation:
    def reply(content: Outgoing, key: str) -> Letter:
        return Letter(dedupe_key=key, channel=Channel.WEB, address="a", content=content, person_id=owner.id)

    return Situation(
        person=owner, inbox_id=1, question="", intent="", revision="", agencies=(), today=TODAY, now=now,
        reply=reply, place=Place(Channel.WEB, "a"), base_url="https://zhituo.example/",
    )  # fmt: skip


async def test_a_kept_list_tells_what_comes_next(database: Database, now: datetime) -> None:
    owner = await _owner(database, now, "甲")
    told = await _keep(database, owner, now, _facts(), _facts("202110293847.5"))
    assert "新增2件" in told.plain_text()
    assert "2027年4月15日" in told.plain_text()
    again = await _keep(database, owner, now, _facts(), _facts("202110293847.5"))
    assert "没有变化2件" in again.plain_text()


async def test_the_spreadsheet_holds_the_own_docket_and_no_formula(database: Database, now: datetime) -> None:
    owner, other = await _owner(database, now, "甲"), await _owner(database, now, "乙")
    await _keep(database, owner, now, _facts(title='=HYPERLINK("x")'))
    await _keep(database, other, now, _facts("202110293847.5", "别人的"))
    kept, data = await _make(database, owner, FileForm.XLSX, now)
    assert kept.filename == "期限表-甲-2026-11-20.xlsx"
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "d", "n"}
    values = [cell.value for cell in cells]
    assert "202010293847.9" in values
    assert not any("202110293847" in str(value) or "别人的" in str(value) for value in values)


async def test_the_calendar_is_a_file_of_the_person(database: Database, now: datetime) -> None:
    owner, other = await _owner(database, now, "甲/..\\乙"), await _owner(database, now, "丙")
    await _keep(database, owner, now, _facts())
    kept, data = await _make(database, owner, FileForm.ICS, now)
    assert (kept.filename, kept.media_type) == ("期限日历-甲乙-2026-11-20.ics", "text/calendar")
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert event["dtstart"].dt == DUE
    async with database.reading() as tx:
        with pytest.raises(NotVisibleError):
            await tx.attachments(other.as_asker()).read(kept.id)


async def test_what_does_not_fit_into_the_file_is_said(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await _owner(database, now, "甲")
    await _keep(database, owner, now, *(_facts(f"20201029384{number}.9") for number in range(5)))
    monkeypatch.setattr(docket_file, "MOST_ROWS", 3)
    async with database.transaction() as tx:
        file = await write_docket(await read_docket(tx, owner, FileForm.XLSX), TODAY, now)
        told = await send_docket(tx, owner, file, TODAY, now)
    assert "还有2项没有放进来" in told.plain_text()


async def test_without_its_file_nothing_is_half_done(database: Database, now: datetime) -> None:
    owner, other = await _owner(database, now, "甲"), await _owner(database, now, "乙")
    of_another = DocketFile(DocketToWrite(FileForm.XLSX, other.company_id or 0, "乙", (), 0), b"x")
    for file in (None, of_another):
        situation = replace(_situation(owner, now), docket_file=file)
        with pytest.raises(FileFirstError):
            async with database.transaction() as tx:
                await carry_out(tx, MakeFile(FileForm.XLSX), situation, OneYear())


async def test_the_link_is_shown_once_and_ends_with_the_data(database: Database, now: datetime) -> None:
    owner = await _owner(database, now, "甲")
    async with database.transaction() as tx:
        (letter,) = await carry_out(tx, OpenFeed(), _situation(owner, now), OneYear())
    link = next(line for line in letter.content.plain_text().splitlines() if line.startswith("https"))
    assert link.startswith("https://zhituo.example/feeds/")
    token = link.split("/")[-2]
    async with database.transaction() as tx:
        assert await tx.feeds(SYSTEM).company_of(token) == owner.company_id
        (renewed,) = await carry_out(tx, OpenFeed(), _situation(owner, now), OneYear())
        assert "旧链接已经停用" in renewed.content.plain_text()
        assert await tx.feeds(SYSTEM).company_of(token) is None
        assert await carry_out(tx, CloseFeed(), _situation(owner, now), OneYear()) == []
        assert await tx.feeds(SYSTEM).opened_at(owner.company_id or 0) is None
        await carry_out(tx, OpenFeed(), _situation(owner, now), OneYear())
        await carry_out(tx, ForgetCompany(), _situation(owner, now), OneYear())
        assert await tx.feeds(SYSTEM).opened_at(owner.company_id or 0) is None


async def _sent(
    database: Database, owner: Person, now: datetime, name: str, data: bytes, media: str = ""
) -> Attachment:
    async with database.transaction() as tx:
        return await tx.attachments(owner.as_asker()).keep(data, name, media, owner.id, now)


def _incoming(kind: IncomingKind, now: datetime, attachment_id: int | None = None) -> Incoming:
    return Incoming(
        channel=Channel.WEB,
        address="a",
        update_id="1",
        kind=kind,
        received_at=now,
        attachment_id=attachment_id,
        place=Place(Channel.WEB, "page"),
    )


@pytest.mark.parametrize(
    ("name", "media", "expected"),
    [
        ("清单.csv", "", True),
        ("清单.XLSX", "application/octet-stream", True),
        ("旧.xls", "", True),
        ("file", "text/csv", True),
        ("合同.docx", "", False),
        ("照片.jpg", "image/jpeg", False),
    ],
)
async def test_which_files_may_be_lists(
    database: Database, now: datetime, name: str, media: str, expected: bool
) -> None:
    owner = await _owner(database, now, "甲")
    kept = await _sent(database, owner, now, name, b"PK", media)
    async with database.reading() as tx:
        found = await sent_list(tx, owner, _incoming(IncomingKind.DOCUMENT, now, kept.id), None)
    assert (found is not None) == expected


async def test_a_button_reaches_only_files_of_the_own_company(database: Database, now: datetime) -> None:
    owner, other = await _owner(database, now, "甲"), await _owner(database, now, "乙")
    kept = await _sent(database, owner, now, "清单.csv", "申请号,申请日\n".encode())
    press = _incoming(IncomingKind.PRESS, now)
    keep = Action(verb=Verb.CONFIRM, about=KEEP, value=str(kept.id))
    async with database.reading() as tx:
        assert await sent_list(tx, owner, press, keep) is not None
        assert await sent_list(tx, other, press, keep) is None
        assert await sent_list(tx, owner, press, keep.model_copy(update={"value": "x"})) is None
        assert await sent_list(tx, owner, press, Action(verb=Verb.CONFIRM, about="forget")) is None


async def test_too_many_rows_are_refused_in_a_sentence(database: Database, now: datetime) -> None:
    owner = await _owner(database, now, "甲")
    data = ("申请号,申请日\n" + "202010293847.9,2020-04-15\n" * 2_001).encode()
    sheet = await read_sheet(await _sent(database, owner, now, "清单.csv", data), data)
    assert sheet.rows == ()
    assert sheet.problem == "超过2,000行，请分成几个文件。"


def _workbook(damage: tuple[str, bytes] | None = None) -> bytes:
    book, written, changed = Workbook(), io.BytesIO(), io.BytesIO()
    assert book.active is not None
    book.active.append(["申请号", "申请日"])
    book.active.append(["=1+1", date(2020, 4, 15)])
    book.save(written)
    if damage is None:
        return written.getvalue()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, damage[1] if name == damage[0] else source.read(name))
    return changed.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c r='A1'>"),
        ("xl/worksheets/sheet1.xml", b""),
        ("xl/workbook.xml", b"<nothing/>"),
        ("[Content_Types].xml", b"no markup"),
    ],
)
async def test_a_damaged_workbook_is_refused_in_a_sentence(
    database: Database, now: datetime, damage: tuple[str, bytes]
) -> None:
    owner = await _owner(database, now, "甲")
    data = _workbook(damage)
    sheet = await read_sheet(await _sent(database, owner, now, "清单.xlsx", data), data)
    assert "重新导出" in sheet.problem


async def test_a_formula_is_read_as_what_was_typed(database: Database, now: datetime) -> None:
    owner = await _owner(database, now, "甲")
    data = _workbook()
    sheet = await read_sheet(await _sent(database, owner, now, "清单.xlsx", data), data)
    assert sheet.rows[1][0] == "=1+1"
