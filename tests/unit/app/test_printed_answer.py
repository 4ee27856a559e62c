"""存成PDF: the answer that was meant, with its question and revision, to nobody but the person it was given to."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.settings import PROJECT
from app.wiring import Minds, Service
from bot.dialogue.topics.print_answer import is_wish
from bot.papers import answer as paper
from store.asker import SYSTEM
from store.database import Database
from store.errors import NotVisibleError
from store.messages import Channel, DocumentPart, Incoming, IncomingKind, Outgoing
from store.records import OutboxItem
from tests.pdf_text import text_of
from tests.trained_model import MODEL

ANNUITY = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"
RENEWAL = "商标注册日2017年3月14日，什么时候续展"


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


class Owner:
    """Somebody at a terminal."""

    def __init__(self, database: Database, minds: Minds, now: datetime, address: str = "owner") -> None:
        self._database = database
        self._service = Service.for_terminal(database, minds, lambda: now)
        self._now = now
        self._address = address
        self._said = 0

    async def says(self, text: str) -> list[OutboxItem]:
        return await self._hears(IncomingKind.TEXT, text=text)

    async def presses(self, shown: OutboxItem, name: str) -> list[OutboxItem]:
        names = [choice.text for choice in shown.content.choices]
        return await self._hears(IncomingKind.PRESS, pressed=f"{shown.id}:{names.index(name)}")

    async def _hears(self, kind: IncomingKind, text: str = "", pressed: str = "") -> list[OutboxItem]:
        self._said += 1
        incoming = Incoming(
            channel=Channel.TERMINAL,
            address=self._address,
            update_id=f"{self._address}{self._said}",
            kind=kind,
            received_at=self._now,
            text=text,
            pressed=pressed,
        )
        async with self._database.reading() as tx:
            before = {item.id for item in await tx.outbox.for_address(Channel.TERMINAL, self._address)}
        await self._service.pipeline.receive_and_answer(incoming)
        async with self._database.reading() as tx:
            items = await tx.outbox.for_address(Channel.TERMINAL, self._address)
        return [item for item in items if item.id not in before]


def document_of(messages: list[OutboxItem]) -> DocumentPart:
    [found] = [part for item in messages for part in item.content.parts if isinstance(part, DocumentPart)]
    return found


async def read(database: Database, document: DocumentPart) -> str:
    async with database.reading() as tx:
        _, data = await tx.attachments(SYSTEM).read(document.attachment_id)
    return text_of(data)


async def test_the_last_answer_is_sent_with_its_question_day_and_revision(
    database: Database, now: datetime, minds: Minds
) -> None:
    owner = Owner(database, minds, now)
    await owner.says(ANNUITY)
    document = document_of(await owner.says("发我PDF"))
    assert document.media_type == "application/pdf"
    assert document.filename.endswith("-2026-11-20.pdf")
    text = await read(database, document)
    for words in (
        ANNUITY,
        "2,000元",
        "2027年4月15日",
        "专利法实施细则",
        f"规则库版本{minds().knowledge.hash[:12]}",
    ):
        assert words in text


async def test_the_button_prints_the_answer_it_stands_under(
    database: Database, now: datetime, minds: Minds
) -> None:
    owner = Owner(database, minds, now)
    [annuity] = await owner.says(ANNUITY)
    await owner.says(RENEWAL)
    text = await read(database, document_of(await owner.presses(annuity, "存成PDF")))
    assert "第8年" in text
    assert "2017年3月14日" not in text
    again = await read(database, document_of(await owner.says("打印")))
    assert "2017年3月14日" in again or "续展" in again, "the file itself is no answer"


async def test_with_nothing_answered_yet_it_says_what_to_do(
    database: Database, now: datetime, minds: Minds
) -> None:
    [said] = await Owner(database, minds, now).says("存成PDF")
    assert said.content.plain_text().startswith("还没有可以存成PDF的回答")


async def test_nobody_gets_the_answer_of_another(database: Database, now: datetime, minds: Minds) -> None:
    [annuity] = await Owner(database, minds, now).says(ANNUITY)
    stranger = Owner(database, minds, now, "stranger")
    await stranger.says("你好")
    said = await stranger.presses(annuity, "存成PDF")
    assert not any(isinstance(part, DocumentPart) for item in said for part in item.content.parts)
    [nothing] = await stranger.says("发我PDF")
    assert "还没有" in nothing.content.plain_text()


async def test_the_file_is_the_persons_own(database: Database, now: datetime, minds: Minds) -> None:
    owner, stranger = Owner(database, minds, now), Owner(database, minds, now, "stranger")
    await owner.says(ANNUITY)
    document = document_of(await owner.says("发我PDF"))
    await stranger.says("你好")
    async with database.reading() as tx:
        person = await tx.people.at(Channel.TERMINAL, "stranger")
        assert person is not None
        with pytest.raises(NotVisibleError):
            await tx.attachments(person.as_asker()).read(document.attachment_id)


async def test_when_it_cannot_be_made_the_person_is_told_and_nothing_is_lost(
    database: Database, now: datetime, minds: Minds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Outgoing:
        raise OSError("no font")

    owner = Owner(database, minds, now)
    await owner.says(ANNUITY)
    monkeypatch.setattr(paper, "answer_pdf", fail)
    [said] = await owner.says("发我PDF")
    assert "没有做成" in said.content.plain_text()


@pytest.mark.parametrize(
    "text",
    [
        "发我PDF",
        "存成pdf",
        "给我一份PDF",
        "导出PDF",
        "打印",
        "帮我打印一下这个回答",
        "PDF版",
        "转成pdf发给我",
    ],
)
def test_how_people_ask_for_it(text: str) -> None:
    assert is_wish(text)


@pytest.mark.parametrize(
    "text",
    ["", "我们是做打印机的", "打印商标能注册吗", "pdf格式的专利申请文件可以交吗，要几份", "导出日历", "年费"],
)
def test_what_is_another_wish(text: str) -> None:
    assert not is_wish(text)
