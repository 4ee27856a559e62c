"""A short message after an answer: 那实用新型呢, 第9年呢, 3个类, 有85%费减. The answer is computed again with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.days_told import OF_FIELD, DayOf, day_of, days_told
from bot.dialogue.fields import definition_of, is_known
from bot.dialogue.goals.annuity import ANNUITY, FIRST_OPEN, KEPT, LATE, paid_on_said
from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.goals.pay_day import PAID_ON
from bot.dialogue.goals.renewal import RENEWAL
from bot.dialogue.goals.work import begin, heard_words
from bot.dialogue.requests import SURE_OF_ANOTHER
from bot.dialogue.steps import step
from bot.dialogue.topics.payments import says_paid
from bot.dialogue.topics.said import mark_values, patent_values, values_told, year_due_in
from bot.dialogue.turn import Response, Turn
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import Period, Slot, SlotKind
from bot.understanding.understand import Verdict
from rules.facts import FactType

LONGEST = 20
VERY_SHORT = 6
SHORT_WISH = 12
_ASKED_AGAIN = re.compile(
    r"^(那么?)?我?(一共|总共)?[要得该]?[交收花是]?(多少钱?|几块钱|什么时候[交办]?|什么时候到期|多久|哪天)[呢啊?？。]*$"
)
_MANY = re.compile(r"所有|全部|都|一共|总共|哪些|另一?件|别的|其他|还有")
_ELLIPTIC = re.compile(r"^(?:那|还有|再|然后|哪).{0,5}呢?[?？]?$|^.{1,5}呢[?？]?$")
_TELLING = frozenset({"专利类型", "申请日", "商标注册日", "商标有效期至"})
"""What tells one right from another."""
_OF_LIST = frozenset({KEPT, FIRST_OPEN, "申请号", "商标注册号"})
_HAS_REDUCTION = re.compile(r"(有|是|减|享受|批了).{0,4}(85|70|八五|七成|八成五).{0,3}")
_OF_ANNUITIES = frozenset({Intent.ANNUITY_FEE.value, Intent.ANNUITY_LATE.value})
"""What of an annuity and what of a late one are about the same patent: 要是晚交两个月呢."""
_CLASSES = "类别数"


@step("follow-up")
def follow_up(turn: Turn) -> Response | None:
    """Return the last answer computed with what is now said, or None when the message is no such thing."""
    settled = turn.conversation.settled
    if turn.conversation.goal is not None or settled is None or settled.kind is not GoalKind.DEADLINE:
        return None
    if len(turn.text) > LONGEST or says_paid(turn) or _is_another_wish(turn, settled):
        return None
    said = {name: value for name, value in _said(turn, settled).items() if settled.values.get(name) != value}
    if _is_another_right(turn, settled, said):
        return None
    if not said:
        return _same_again(turn, settled)
    kept = {
        name: value
        for name, value in settled.values.items()
        if name != PAID_ON and not (_TELLING & said.keys() and name in _OF_LIST)
    }
    again = settled.model_copy(update={"values": {**kept, **said}, "declined": (), "question": None})
    return begin(turn, again, lead=heard_words(turn, said))


@step("follow-up: the same again")
def _same_again(turn: Turn, settled: Goal) -> Response | None:
    """要交多少, 什么时候交: the same wish once more and nothing new, on the same day, is about the same right."""
    understood = turn.heard.understood
    tells_more = turn.slots(SlotKind.RIGHT_TYPE) or turn.slots(SlotKind.APPLICATION_NUMBER)
    if (
        understood is None
        or not (understood.intent.value == settled.intent or asks_again(turn))
        or turn.conversation.last_day != turn.today
        or len(turn.text) > SHORT_WISH
        or tells_more
        or any(not _is_year(slot) for slot in turn.slots(SlotKind.DATE))
        or _MANY.search(turn.text)
    ):
        return None
    values = {name: value for name, value in settled.values.items() if name != PAID_ON}
    return begin(turn, settled.model_copy(update={"values": values, "declined": (), "question": None}))


def _is_year(slot: Slot) -> bool:
    return isinstance(slot.value, Period) and slot.value.is_year


def asks_again(turn: Turn) -> bool:
    """Return whether the message is a bare 要多少钱 or 什么时候: what was just answered, or is being worked on."""
    return _ASKED_AGAIN.match(turn.text) is not None


def is_elliptic(turn: Turn) -> bool:
    """Return whether the message only makes sense after another: 那明年呢, 后面呢. By itself it is no wish."""
    return len(turn.text) <= VERY_SHORT + 2 and _ELLIPTIC.search(turn.text) is not None


def _is_another_right(turn: Turn, settled: Goal, said: Mapping[str, Any]) -> bool:
    """Another kind, day or number tells of another right, unless it is only compared: 2019年申请的呢."""
    others = {name for name in _TELLING & said.keys() if settled.values.get(name) is not None}
    if "申请号" in said or "商标注册号" in said:
        return True
    return bool(others) and not (turn.text.endswith(("呢", "呢?")) or len(turn.text) <= VERY_SHORT)


def _is_another_wish(turn: Turn, settled: Goal) -> bool:
    has_reduction = settled.kind is GoalKind.DEADLINE and _HAS_REDUCTION.search(turn.text)
    if len(turn.text) <= VERY_SHORT or has_reduction:
        return False
    understood = turn.heard.understood
    return (
        understood is not None
        and not turn.text.endswith(("呢", "呢?"))
        and understood.verdict is Verdict.ANSWER
        and understood.intent.value != settled.intent
        and not {understood.intent.value, settled.intent} <= _OF_ANNUITIES
        and understood.confidence >= SURE_OF_ANOTHER
    )


def _said(turn: Turn, settled: Goal) -> dict[str, Any]:
    if settled.subject in (ANNUITY, LATE):
        found = patent_values(turn)
        due_in = year_due_in(turn, found.get("申请日", settled.values.get("申请日")))
        if due_in is not None:
            found.setdefault("年度", due_in)
        return found | paid_on_said(turn, settled.model_copy(update={"values": {**settled.values, **found}}))
    if settled.subject == RENEWAL:
        found = mark_values(turn)
        count = turn.slot(SlotKind.COUNT)
        if count is not None and isinstance(count.value, int) and "类" in turn.text:
            found[_CLASSES] = count.value
        return found
    values = (
        {}
        if settled.subject not in (kinds := kinds_by_id(turn.world.knowledge.law))
        else values_told(turn, kinds[settled.subject].inputs)
    )
    dated = [name for name in settled.asked or settled.values if _is_day(turn, name)]
    told = day_of(days_told(turn), OF_FIELD.get(dated[-1], DayOf.UNSAID)) if dated else None
    return values | ({dated[-1]: told.day.isoformat()} if told is not None and told.day is not None else {})


def _is_day(turn: Turn, name: str) -> bool:
    return is_known(turn, name) and definition_of(turn, name).type is FactType.DATE
