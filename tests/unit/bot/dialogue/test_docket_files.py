"""Deadlines as files and as a link: what is asked for in which words, and what comes of it."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.effects import CloseFeed, Effect, FileForm, MakeFile, OpenFeed
from bot.dialogue.topics import docket_files
from bot.dialogue.turn import Response, Turn
from bot.dialogue.world import Heard, World
from bot.understanding.intents import Intent
from bot.understanding.understand import Understood, Verdict
from store.messages import IncomingKind
from store.records import Asset, AssetStatus, ObligationStatus, StoredObligation

TODAY = date(2026, 11, 20)
ASSET = Asset(
    id=7, company_id=1, right_type="invention", number="1", name="", dates={}, details={},
    status=AssetStatus.ACTIVE, version=1,
)  # fmt: skip
DUE = StoredObligation(
    id=1, company_id=1, asset_id=7, kind="annuity", key="annuity:8", title="第8年年费", due_revision=1,
    nominal=TODAY, legal=TODAY, safe=TODAY, grace_end=None, amount_fen=None, provisional=False, citations=[],
    details={}, status=ObligationStatus.OPEN, snoozed_until=None, paid_on=None, receipt_id=None, next_at=None,
)  # fmt: skip


def _turn(text: str, *, links: bool = True, since: date | None = None, empty: bool = False) -> Turn:
    world = World(
        knowledge=cast(Any, None),
        faq=cast(Any, None),
        assets=() if empty else (ASSET,),
        obligations=() if empty else (DUE,),
        feed_links=links,
        feed_since=since,
    )
    understood = Understood(
        original=text,
        text=text,
        slots=(),
        intent=Intent.SETTINGS,
        confidence=1.0,
        verdict=Verdict.ANSWER,
        alternatives=(),
        second=None,
        off_topic=False,
    )
    return Turn(Conversation(), Heard(kind=IncomingKind.TEXT, text=text, understood=understood), world, TODAY)


def _effects(response: Response | None) -> tuple[Effect, ...]:
    assert response is not None
    return response.effects


@pytest.mark.parametrize("text", ["导出日历", "把期限导出成日历", "帮我下载.ics", "导出日历(.ics)"])
def test_a_calendar_comes_with_its_link_once(text: str) -> None:
    assert _effects(docket_files.asked(_turn(text))) == (MakeFile(FileForm.ICS), OpenFeed())
    assert _effects(docket_files.asked(_turn(text, since=TODAY))) == (MakeFile(FileForm.ICS),)
    assert _effects(docket_files.asked(_turn(text, links=False))) == (MakeFile(FileForm.ICS),)


@pytest.mark.parametrize("text", ["导出表格", "把期限导出成Excel", "下载期限表", "把期限发给我"])
def test_a_spreadsheet(text: str) -> None:
    assert _effects(docket_files.asked(_turn(text))) == (MakeFile(FileForm.XLSX),)


@pytest.mark.parametrize(
    "text",
    [
        "年费什么时候交",
        "设置",
        "取消订阅",
        "重新订阅",
        "我有哪些期限",
        "专利申请的表格在哪里下载",
        "在日历上看，2026年11月20日以前提交来得及吗，要不要转人工问一下",
        "",
    ],
)
def test_other_wishes_are_left_to_others(text: str) -> None:
    assert docket_files.asked(_turn(text)) is None


def test_a_link_is_opened_renewed_and_ended() -> None:
    assert _effects(docket_files.asked(_turn("订阅日历"))) == (OpenFeed(),)
    already = docket_files.asked(_turn("订阅日历", since=TODAY))
    assert _effects(already) == ()
    assert already is not None
    assert [choice.text for choice in already.replies[0].choices] == ["换一个日历链接", "停用日历链接"]
    assert _effects(docket_files.asked(_turn("换一个日历链接", since=TODAY))) == (OpenFeed(),)
    assert _effects(docket_files.asked(_turn("停用日历链接", since=TODAY))) == (CloseFeed(),)
    assert _effects(docket_files.asked(_turn("停用日历链接"))) == ()


def test_without_an_address_of_its_own_no_link_is_offered() -> None:
    response = docket_files.asked(_turn("订阅日历", links=False))
    assert _effects(response) == ()
    assert docket_files.feed_buttons(_turn("设置", links=False)) == ()


def test_nothing_due_makes_no_file() -> None:
    for form in FileForm:
        response = docket_files.make(_turn("", empty=True), form)
        assert response.effects == ()
        assert response.replies
