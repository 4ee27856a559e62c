"""An answer is computed again as it was given; what was not understood is kept without whose it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.settings import PROJECT
from app.wiring import Minds, Service, open_knowledge
from bot.replay import replay
from knowledge.base import KnowledgeBase
from store.asker import SYSTEM, Role
from store.database import Database
from store.fact_values import to_stored
from store.messages import Channel, Incoming, IncomingKind
from store.records import Answer
from store.unclear import UnclearState
from tests.trained_model import MODEL

ADDRESS = "owner"
COMPANY = "宁波甬江试验模具有限公司"
SUBSIDY = "我们能申请什么补贴"
NOT_KNOWN = ("不清楚",) * 15  # every question of the goal is declined; what is known decides
FACTS = {"注册地": "宁波国家高新区", "主体类型": "企业", "从业人数": 46, "年营业收入": 21_000_000}


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


async def talk(database: Database, minds: Minds, now: datetime, *messages: str) -> list[Answer]:
    """Let the owner of a company say these things one after the other; return what was recorded."""
    service = Service.for_terminal(database, minds, lambda: now)
    async with database.transaction() as tx:
        company = await tx.people.add_company(COMPANY, now)
        owner = await tx.people.add_person(Role.OWNER, now, name="周试验", company_id=company.id)
        await tx.people.add_address(owner.id, Channel.TERMINAL, ADDRESS, now)
        facts = minds().knowledge.facts.facts(FACTS, source="企业", day=now.date())
        await tx.facts(SYSTEM).remember(company.id, to_stored(facts, now.date()), now)
    for number, text in enumerate(messages):
        await service.pipeline.receive_and_answer(
            Incoming(
                channel=Channel.TERMINAL,
                address=ADDRESS,
                update_id=str(number),
                kind=IncomingKind.TEXT,
                received_at=now,
                text=text,
            )
        )
    async with database.reading() as tx:
        return await tx.answers(SYSTEM).of_person(owner.id)


@pytest.mark.parametrize(
    "messages",
    [
        ("我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？",),
        ("我有一件发明专利，2020年4月15日申请的，第8年年费多少",),
        ("实用新型2021年11月8日申请的，年费忘交了，滞纳金多少",),
        ("我有一件发明专利，2020年4月15日申请的，以后每年年费一共多少",),
        ("商标注册日2017年3月14日，什么时候续展",),
        (SUBSIDY, *NOT_KNOWN),
        ("有人在淘宝卖仿冒我们商标的东西怎么办", "注册了的", "先看结果"),
        ("专利能抵押贷款吗", *NOT_KNOWN),
    ],
)
async def test_what_was_answered_comes_out_again(
    database: Database, now: datetime, minds: Minds, messages: tuple[str, ...]
) -> None:
    (answer, *_) = await talk(database, minds, now, *messages)
    results = replay(answer, minds().knowledge)
    assert results
    assert [result.name for result in results if not result.same] == []


def without_rule(knowledge: KnowledgeBase, name: str) -> KnowledgeBase:
    return replace(knowledge, rules={key: rule for key, rule in knowledge.rules.items() if key != name})


async def test_another_revision_is_seen_to_say_something_else(
    database: Database, now: datetime, minds: Minds
) -> None:
    (answer, *_) = await talk(database, minds, now, SUBSIDY, *NOT_KNOWN)
    gone = answer.results[0]["rule"]
    (first, *rest) = replay(answer, without_rule(minds().knowledge, gone))
    assert (first.name, first.same, first.computed) == (gone, False, None)
    assert "status" in first.differing
    assert all(result.same for result in rest)


async def test_the_command_replays_with_the_revision_of_the_answer(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHITUO_DATA_DIR", str(tmp_path))
    knowledge = open_knowledge(PROJECT / "knowledge", tmp_path / "revisions.json", now)
    minds = Minds.of(knowledge.content, MODEL)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'zhituo.sqlite3'}")
    await database.migrate()
    (answer, *_) = await talk(database, minds, now, "我有一件发明专利，2020年4月15日申请的，年费多少钱")
    await database.close()
    texts = dict(knowledge.content.documents)
    fees = next(name for name in texts if name.startswith("fees/") and "2000" in texts[name])
    texts[fees] = texts[fees].replace("2000", "2222")
    knowledge.publish(texts, "lin", "shen", now, "标准变了")
    done = await asyncio.to_thread(CliRunner().invoke, app, ["knowledge", "replay", str(answer.id)])
    assert done.exit_code == 0, done.output
    assert "revision 1" in done.output
    assert "the same" in done.output
    assert "2020" not in done.output.partition("\n")[2]  # facts are shown on demand only
    missing = await asyncio.to_thread(CliRunner().invoke, app, ["knowledge", "replay", "999"])
    assert missing.exit_code == 2


async def test_what_was_not_understood_is_kept_without_whose_it_was(
    database: Database, now: datetime, minds: Minds
) -> None:
    await talk(
        database,
        minds,
        now,
        "我是甬江试验的周试验，今天股票大跌怎么办，打13812345678，2026年11月18日前",
        "年费什么时候交",  # understood: asks for the kind of patent
        "实用新型",  # an answer to the open question, no wish
    )
    async with database.reading() as tx:
        (kept,) = await tx.unclear.in_state(UnclearState.OPEN)
    assert "股票大跌怎么办" in kept.text
    for personal in ("甬江", "周试验", "138", "18日"):
        assert personal not in kept.text
    assert len(kept.nearest) >= 2
