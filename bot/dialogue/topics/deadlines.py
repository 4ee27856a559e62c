"""Papers from an office that must be answered by a day: which paper is it, then the day is computed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.dialogue.answers_to_facts import which_day
from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.days_told import OF_FIELD, DayOf, DayTold, day_of, days_told
from bot.dialogue.goals.inputs import field_of
from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.goals.work import ask_again, begin
from bot.dialogue.readings import Unusable
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.acts_named import (
    NARROWER,
    OF_DAY,
    OF_MARK_OFFICE,
    OF_PATENT_OFFICE,
    Acts,
    acts_of_office,
)
from bot.dialogue.topics.said import values_told
from bot.dialogue.turn import Response, Turn, reply, say
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import Period, SlotKind
from rules.deadlines.kinds import InputView
from rules.deadlines.schema import InputType

_DUE = re.compile(
    r"(多久|几天|什么时候|期限|截止|来得及|几个月|多长时间|到期|之前|答复|怎么办|收到|刚|超期|过期|哪天|哪一天|最晚|最迟|还有救|来不来)"
)
_OWN_INTENTS = {"annuity": Intent.ANNUITY_FEE, "annuity_late": Intent.ANNUITY_LATE}
_RECEIVED = re.compile("收到|拿到|送到|签收")
_ISSUED = re.compile("发文|发的|发出")
_PAPER = re.compile(r"通知书|一通|二通|审查意见|驳回决定|被驳回|异议期")
_OF_A_PAPER = ("issue", "received")
_LONGEST_PERIOD = 365
"""Days: no office leaves more time for a paper, with its extension and its restoration."""
_OF_MONEY = re.compile(r"补贴|补助|资助|保险|投保|贷款|质押")
"""Acts that are told of beside a wish for money: 去美国申请的有补贴吗."""
_NOTICE_OR_DAY_ASKED = re.compile(
    r"通知|传票|副本|判决|裁定|哪一?天|几号|[几多少]{1,2}天|最晚|最迟|最后|截止|期限|多久|什么时候|啥时候|来得及|还能|前要|退"
)


@step("deadline: patent paper")
def prosecution(turn: Turn) -> Response:
    """Compute the day for a paper of the patent office; other questions are answered from the FAQ."""
    return _paper(turn, OF_PATENT_OFFICE)


@step("deadline: trademark paper")
def trademark(turn: Turn) -> Response:
    """Compute the day for a paper of the trademark office; other questions are answered from the FAQ."""
    return _paper(turn, OF_MARK_OFFICE)


@step("deadline: of a kind")
def of_kind(turn: Turn, kind_id: str) -> Response:
    """Compute the day of the kind that a button of an answer names."""
    if kind_id in _OWN_INTENTS:
        return begin(turn, Goal(kind=GoalKind.DEADLINE, subject=kind_id, intent=_OWN_INTENTS[kind_id].value))
    known = kinds_by_id(turn.world.knowledge.law).get(kind_id)
    if known is None:
        return reply(turn.conversation, say("assess.no_such_rule"))
    return _begin(turn, kind_id, known.inputs)


def _paper(turn: Turn, papers: Acts) -> Response:
    return _named(turn, papers) or faq.answer(turn)


@step("deadline: paper by name")
def named_paper(turn: Turn) -> Response | None:
    """Compute the day for a paper that the words name, whatever the message resembles; None when they name none."""
    if turn.slot(SlotKind.DATE) is None and not _PAPER.search(turn.text):
        return None
    return _named(turn, acts_of_office(turn.text))


@step("deadline: act with its day")
def dated_act(turn: Turn) -> Response | None:
    """Compute the day for an act that the words name and tell the day of, whatever the message resembles."""
    if not _NOTICE_OR_DAY_ASKED.search(turn.text) or _OF_MONEY.search(turn.text):
        return None
    foreign = turn.intent is Intent.OUT_OF_SCOPE  # 判决不服, 退款 of a flat are no matters of ours
    begun = [
        found
        for kind_id, words in acts_of_office(turn.text) + (() if foreign else OF_DAY)
        if (found := _told_with(turn, kind_id, words))
    ]
    named = {kind_id for _, kind_id in begun}
    begun = [found for found in begun if NARROWER.get(found[1]) not in named]
    if not begun:
        return None
    _, kind_id = min(begun, key=lambda found: found[0])
    return _begin(turn, kind_id, kinds_by_id(turn.world.knowledge.law)[kind_id].inputs)


def _told_with(turn: Turn, kind_id: str, words: re.Pattern[str]) -> tuple[int, str] | None:
    """Return the act with how far its day stands from its words, or None where it is not named or no day can be its own.

    驳回2026年10月30日发文, 之前答过审查意见: of two papers the one beside the day is meant.
    """
    named = words.search(turn.text)
    if named is None:
        return None
    first = _day_meant(turn.text, kinds_by_id(turn.world.knowledge.law)[kind_id].inputs)
    start = _start_told(turn, first)
    if start is None and first in _OF_A_PAPER and any(_may_be_its_own(one, turn) for one in days_told(turn)):
        return len(turn.text), kind_id  # the paper's own day is asked for
    if start is None or (isinstance(start.slot.value, Period) and start.slot.value.is_year):
        return None  # a year alone is no day to count from
    if first in _OF_A_PAPER and _is_long_ago(start, turn.today):
        return None  # told of, not asked about
    return max(0, start.slot.start - named.end(), named.start() - start.slot.end), kind_id


def _may_be_its_own(told: DayTold, turn: Turn) -> bool:
    return told.of is DayOf.UNSAID and told.day is not None and not _is_long_ago(told, turn.today)


def _is_long_ago(told: DayTold, today: date) -> bool:
    value = told.slot.value
    last = value.last if isinstance(value, Period) else value
    return isinstance(last, date) and (today - last).days > _LONGEST_PERIOD


def _start_told(turn: Turn, first: str | None) -> DayTold | None:
    """Return the day of the message that may be the one from which the kind counts."""
    if first is None:
        return None
    told = days_told(turn)
    # Beside other days, one of which nothing is said may be another's: the paper's own is asked for.
    return day_of(
        told, OF_FIELD.get(field_of(first), DayOf.UNSAID), unsaid=first not in _OF_A_PAPER or len(told) == 1
    )


def _first_named(turn: Turn, acts: Acts) -> str | None:
    known = kinds_by_id(turn.world.knowledge.law)
    return next((kind_id for kind_id, words in acts if kind_id in known and words.search(turn.text)), None)


def _named(turn: Turn, papers: Acts) -> Response | None:
    if not _DUE.search(turn.text):
        return None
    kind_id = _first_named(turn, papers)
    return None if kind_id is None else of_kind(turn, kind_id)


def _day_meant(text: str, inputs: tuple[InputView, ...]) -> str | None:
    """Return the input that the day in the message is: the paper's own, or the day of receipt when only that is said.

    A day of receipt is counted from as it is, so that taking it for one never makes the deadline later.
    """
    days = tuple(item.name for item in inputs if item.type is InputType.DAY)
    received = _RECEIVED.search(text) is not None and not _ISSUED.search(text)
    order = ("received", "issue") if received else ("issue", "received")
    return next((name for name in order if name in days), days[0] if days else None)


def _goal(kind_id: str, values: dict[str, Any]) -> Goal:
    intent = Intent.TRADEMARK_DISPUTE if kind_id.startswith("tm_") else Intent.PATENT_PROSECUTION
    return Goal(kind=GoalKind.DEADLINE, subject=kind_id, values=values, intent=intent.value)


def _begin(turn: Turn, kind_id: str, inputs: tuple[InputView, ...]) -> Response:
    first = _day_meant(turn.text, inputs)
    told = _start_told(turn, first)
    slot = None if told is None else told.slot
    day = None if told is None else told.day
    values = values_told(turn, inputs)
    if day is not None and first is not None:
        values[field_of(first)] = day.isoformat()
    goal = _goal(kind_id, values)
    if day is not None or slot is None or first is None:
        return begin(turn, goal)
    # The day that was said is not clear: it is asked for as what it was said to be.
    unusable = Unusable(slot.problem) if slot.problem else which_day(slot, turn.today)
    asking = turn.conversation.start(goal)
    return ask_again(turn.with_conversation(asking), goal, field_of(first), unusable)
