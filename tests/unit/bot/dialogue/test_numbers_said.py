"""Numbers that a message names itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.numbers_said import numbers_said
from bot.dialogue.turn import Turn
from bot.dialogue.world import Heard, World
from store.messages import IncomingKind

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def said(knowledge, faq, understanding):
    def of(text: str, *names: str):
        heard = Heard(IncomingKind.TEXT, text=text, understood=understanding.understand(text, TODAY))
        turn = Turn(Conversation(), heard, World(knowledge, faq), TODAY)
        return numbers_said(turn, [knowledge.facts[name] for name in names])

    return of


SIZE = ("从业人数", "年营业收入", "资产总额")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30个人,去年收入2000万", {"从业人数": 30, "年营业收入": Decimal(20_000_000)}),
        ("我们厂80人,营业额三千万左右", {"从业人数": 80, "年营业收入": Decimal(30_000_000)}),
        ("总资产500万,员工12个", {"资产总额": Decimal(5_000_000), "从业人数": 12}),
        ("收入是保密的,买设备花了300万", {}),
        ("专利有3个发明人", {}),
        ("收入大概八十多万", {}),  # a range is asked, not taken
    ],
)
def test_a_number_is_what_the_word_beside_it_says(said, text, expected):
    assert said(text, *SIZE) == expected


def test_one_number_is_one_fact(said):
    assert said("卖了20万,赚了3万", "非法经营数额", "违法所得") == {
        "非法经营数额": Decimal(200_000),
        "违法所得": Decimal(30_000),
    }


def test_of_two_names_as_near_the_one_before_the_number_names_it(said):
    assert said("销售额八万 违法所得四万", "销售金额", "违法所得") == {
        "销售金额": Decimal(80_000),
        "违法所得": Decimal(40_000),
    }
