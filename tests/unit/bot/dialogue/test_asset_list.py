"""A list of rights in the talk: read, shown, and kept only by a word. The dialogue itself touches no file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.effects import KeepAssets
from bot.dialogue.respond import respond
from bot.dialogue.topics.asset_list import KEEP, MOST_SHOWN
from bot.dialogue.turn import Response
from bot.dialogue.world import Heard, Sheet, World
from rules.deadlines.asset_import import Cell
from store.messages import Action, IncomingKind, TablePart, Verb
from store.records import Asset, AssetStatus

TODAY = date(2026, 11, 20)
HEAD = ("申请号", "专利名称", "申请日", "费减比例", "权利人")
GOOD = ("ZL202010293847.9", "一种轴承", "2020-04-15", "85%", "甲公司")


def _kept(status: AssetStatus = AssetStatus.ACTIVE, **details: Any) -> Asset:
    return Asset(
        id=7, company_id=1, right_type="invention", number="202010293847.9", name="一种轴承",
        dates={"filing": "2020-04-15"}, details=details, status=status, version=1,
    )  # fmt: skip


def _world(*assets: Asset) -> World:
    return World(knowledge=cast(Any, None), faq=cast(Any, None), assets=assets)


def _sent(rows: Sequence[Sequence[Cell]], *assets: Asset, problem: str = "") -> Response:
    sheet = Sheet(31, "清单.csv", rows, problem)
    heard = Heard(kind=IncomingKind.DOCUMENT, attachment_id=31, sheet=sheet)
    return respond(Conversation(), heard, _world(*assets), TODAY)


def _pressed(sheet: Sheet | None, *assets: Asset) -> Response:
    action = Action(verb=Verb.CONFIRM, about=KEEP, value="31")
    heard = Heard(kind=IncomingKind.PRESS, action=action, sheet=sheet)
    return respond(Conversation(), heard, _world(*assets), TODAY)


def _text(response: Response) -> str:
    return "\n".join(reply.plain_text() for reply in response.replies)


def _buttons(response: Response) -> list[str]:
    return [choice.text for reply in response.replies for choice in reply.choices]


def test_showing_keeps_nothing() -> None:
    response = _sent([HEAD, GOOD])
    assert response.effects == ()
    assert "新的1件" in _text(response)
    assert "还没有登记" in _text(response)
    assert _buttons(response) == ["全部登记", "取消"]
    choice = response.replies[0].choices[0]
    assert (choice.action.verb, choice.action.about, choice.action.value) == (Verb.CONFIRM, KEEP, "31")


def test_the_word_keeps_what_is_new() -> None:
    response = _pressed(Sheet(31, "清单.csv", [HEAD, GOOD]))
    (effect,) = response.effects
    assert isinstance(effect, KeepAssets)
    assert [(facts.number, facts.reduction) for facts in effect.assets] == [("202010293847.9", 85)]


def test_pressed_again_nothing_is_kept() -> None:
    response = _pressed(Sheet(31, "清单.csv", [HEAD, GOOD]), _kept(reduction=85, owners=1))
    assert response.effects == ()
    assert "没有需要登记的新内容" in _text(response)


def test_a_file_that_is_gone_is_said_so() -> None:
    response = _pressed(None)
    assert response.effects == ()
    assert "重新发给我" in _text(response)


def test_what_is_kept_already_is_told_apart() -> None:
    same = _sent([HEAD, GOOD], _kept(reduction=85, owners=1))
    assert "没有变化的1件" in _text(same)
    assert "全部登记" not in _buttons(same)
    changed = _sent([HEAD, GOOD], _kept(reduction=0))
    assert "有更新的1件" in _text(changed)
    given_up = _sent([HEAD, GOOD], _kept(AssetStatus.GIVEN_UP))
    assert "以前放弃的1件（不恢复）" in _text(given_up)
    assert "全部登记" not in _buttons(given_up)


def test_a_row_that_contradicts_what_is_known_is_refused() -> None:
    """Joint owners get 70 percent at most; 85 is known from before."""
    joint = (GOOD[0], GOOD[1], GOOD[2], "", "甲公司；乙公司")
    response = _sent([HEAD, joint], _kept(reduction=85))
    assert "不登记的1行" in _text(response)
    assert "全部登记" not in _buttons(response)


@pytest.mark.parametrize("start", ["=", "+", "@", "-"])
def test_a_formula_is_data(start: str) -> None:
    name = f'{start}HYPERLINK("http://evil","x")'
    response = _sent([HEAD, (GOOD[0], name, *GOOD[2:])])
    (table,) = (part for part in response.replies[0].parts if isinstance(part, TablePart))
    assert table.rows[0][2] == name
    kept = _pressed(Sheet(31, "清单.csv", [HEAD, (GOOD[0], name, *GOOD[2:])])).effects[0]
    assert isinstance(kept, KeepAssets)
    assert kept.assets[0].title == name


def test_many_refusals_are_counted_not_hidden() -> None:
    bad = [("202010293847.X", f"第{number}件", "2020-04-15", "", "") for number in range(30)]
    response = _sent([HEAD, GOOD, *bad])
    tables = [part for part in response.replies[0].parts if isinstance(part, TablePart)]
    assert [len(table.rows) for table in tables] == [1, MOST_SHOWN]
    assert "不登记的30行" in _text(response)
    assert "后面还有20行" in _text(response)


def test_an_unreadable_file_says_why_and_offers_a_person() -> None:
    response = _sent([], problem="文件超过20MB，请分成几个文件。")
    assert "超过20MB" in _text(response)
    assert _buttons(response) == ["转人工"]


@pytest.mark.parametrize("rows", [[], [[]], [["姓名", "工资"], ["甲", "1"]], [HEAD]])
def test_a_file_that_is_no_list(rows: list[Any]) -> None:
    response = _sent(rows)
    assert response.effects == ()
    assert "没有登记成功" in _text(response)


def test_a_file_that_was_not_kept_is_not_called_kept() -> None:
    response = respond(Conversation(), Heard(kind=IncomingKind.DOCUMENT), _world(), TODAY)
    assert "没有收到" in _text(response)
    assert "存好" not in _text(response)
