"""What is due has three days; where they are one it is said once, and doubts that do not apply are left out."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue.replies.annuity import annuity_card
from bot.dialogue.replies.days import day_lines
from bot.dialogue.replies.deadline import deadline_parts
from knowledge.loader import KnowledgeBase
from rules.deadlines.annuity import annuity
from rules.deadlines.kinds import compute
from rules.deadlines.schema import RightType
from store.messages import Outgoing

THURSDAY, FRIDAY, SATURDAY, MONDAY = (date(2027, 3, day) for day in (11, 12, 13, 15))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((THURSDAY, THURSDAY, THURSDAY), ["最后一天"]),
        ((FRIDAY, SATURDAY, MONDAY), ["安全日", "到期日", "法定最后一天"]),
        ((FRIDAY, SATURDAY, SATURDAY), ["安全日", "最后一天"]),
        ((THURSDAY, THURSDAY, None), ["到期日"]),
        ((None, None, None), []),
    ],
)
def test_a_day_is_said_once(days: tuple[date | None, date | None, date | None], said: list[str]) -> None:
    assert [label for label, _ in day_lines(*days)] == said


def card_note(knowledge: KnowledgeBase, filing: date, year: int, today: date) -> str:
    owed = annuity(knowledge.law, RightType.INVENTION, filing, year, as_of=today)
    return annuity_card(owed).note


def test_what_a_safe_day_is_is_told_where_there_is_one(knowledge: KnowledgeBase) -> None:
    assert "安全日" not in card_note(knowledge, date(2019, 6, 3), 9, date(2026, 11, 29))
    assert "安全日" in card_note(knowledge, date(2019, 6, 5), 9, date(2026, 11, 29))


def renewal(knowledge: KnowledgeBase, registered: str) -> str:
    found = compute(knowledge.law, "tm_renewal", {"registration": registered}, date(2026, 11, 29))
    return Outgoing(parts=deadline_parts(found, date(2026, 11, 29))).plain_text()


def test_a_doubt_about_rest_days_is_told_where_the_period_ends_on_one(knowledge: KnowledgeBase) -> None:
    saturday, friday = renewal(knowledge, "2017-03-14"), renewal(knowledge, "2017-03-13")
    assert "2027年3月13日（周六）" in saturday
    assert "遇休息日是否顺延" in saturday
    assert "2027年3月12日（周五）" in friday
    assert "遇休息日是否顺延" not in friday


def test_how_it_was_counted_does_not_say_the_days_of_the_card_again(knowledge: KnowledgeBase) -> None:
    told = renewal(knowledge, "2017-03-14")
    assert [told.count(day) for day in ("2026年3月14日", "2027年9月13日", "2027年3月15日")] == [1, 2, 2]
    assert "自核准注册日2017年3月14日起算" in told
    assert "稳妥起见" not in told
