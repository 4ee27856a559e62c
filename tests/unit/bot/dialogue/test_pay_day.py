"""The day on which an annuity is said to be paid."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.goals.pay_day import pay_day
from bot.dialogue.turn import Turn
from bot.dialogue.world import Heard, World
from bot.understanding.understand import Understanding
from knowledge.base import KnowledgeBase
from store.messages import IncomingKind

TODAY, DUE = date(2026, 11, 20), date(2026, 11, 30)


@pytest.fixture(scope="module")
def paid_on(understanding: Understanding, knowledge: KnowledgeBase, faq: FaqIndex) -> Any:
    def of(text: str) -> date | None:
        heard = Heard(IncomingKind.TEXT, text, understanding.understand(text, TODAY))
        return pay_day(Turn(Conversation(), heard, World(knowledge, faq), TODAY), DUE)

    return of


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("那下个月13号去交呢", date(2026, 12, 13)),
        ("拖到12月底再交", date(2026, 12, 31)),
        ("2月底交呢", date(2027, 2, 28)),
        ("一月份再交", date(2027, 1, 31)),
        ("晚交三个月呢", date(2027, 2, 28)),
        ("1月5号我再去交", date(2027, 1, 5)),
        ("2027年1月5日付行不行", date(2027, 1, 5)),
        ("2026年11月2日交的", None),  # has been paid
        ("2020年4月15日申请的", None),
        ("什么时候交", None),
        ("逾期两个月了", None),
        ("11月22号交了", None),
        ("13月底交", None),
        ("年费拖到年底再交", date(2026, 12, 31)),
        ("年底要交的年费", None),
        ("12月底到期的年费", None),
        ("12月底要交的年费", None),
        ("5月交的年费", None),
        ("2026年12月31日前要交的年费", None),
    ],
)
def test_the_day_of_paying(paid_on: Any, text: str, day: date | None) -> None:
    assert paid_on(text) == day
