"""Papers from an office that must be answered by a day: which paper is it, then the day is computed."""

from __future__ import annotations

import re

from bot.dialogue.answers_to_facts import which_day
from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.days_told import OF_FIELD, DayOf, day_of, days_told
from bot.dialogue.goals.inputs import field_of
from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.goals.work import ask_again, begin
from bot.dialogue.readings import Unusable
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.turn import Response, Turn, reply, say
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import SlotKind

_DUE = re.compile(
    r"(多久|几天|什么时候|期限|截止|来得及|几个月|多长时间|到期|之前|答复|怎么办|收到|刚|超期|过期|哪天|哪一天|最晚|最迟|还有救|来不来)"
)
_OWN_INTENTS = {"annuity": Intent.ANNUITY_FEE, "annuity_late": Intent.ANNUITY_LATE}
_RECEIVED = re.compile("收到|拿到|送到|签收")
Papers = tuple[tuple[str, re.Pattern[str]], ...]
_PAPER = re.compile(r"通知书|一通|二通|审查意见|驳回决定|被驳回|异议期")
_PATENT_PAPERS: Papers = (
    ("oa_next", re.compile(r"(第二次|二通|再次|第[三四]次)审查意见|二通|三通")),
    ("oa1", re.compile(r"审查意见|一通|OA", re.IGNORECASE)),
    ("reexam_request", re.compile(r"(专利|发明|新型|外观|申请).{0,8}驳回|驳回决定|复审")),
    ("registration", re.compile(r"(授权|登记).{0,4}通知|办理登记")),
    ("restore", re.compile(r"恢复权利|视为撤回|视为放弃|权利终止")),
    ("correction", re.compile(r"补正通知")),
)
_MARK_PAPERS: Papers = (
    ("tm_refusal_review", re.compile(r"驳回")),
    ("tm_opposition", re.compile(r"(提|想|要|能).{0,6}异议|异议期|初审公告|初步审定")),
    ("tm_nonuse_evidence", re.compile(r"(撤三|三年不使用|连续三年).{0,10}(通知|答辩|证据|收到)")),
)


@step("deadline: patent paper")
def prosecution(turn: Turn) -> Response:
    """Compute the day for a paper of the patent office; other questions are answered from the FAQ."""
    return _paper(turn, _PATENT_PAPERS)


@step("deadline: trademark paper")
def trademark(turn: Turn) -> Response:
    """Compute the day for a paper of the trademark office; other questions are answered from the FAQ."""
    return _paper(turn, _MARK_PAPERS)


@step("deadline: of a kind")
def of_kind(turn: Turn, kind_id: str) -> Response:
    """Compute the day of the kind that a button of an answer names."""
    if kind_id in _OWN_INTENTS:
        return begin(turn, Goal(kind=GoalKind.DEADLINE, subject=kind_id, intent=_OWN_INTENTS[kind_id].value))
    known = kinds_by_id(turn.world.knowledge.law).get(kind_id)
    if known is None:
        return reply(turn.conversation, say("assess.no_such_rule"))
    return _begin(turn, kind_id, tuple(item.name for item in known.inputs))


def _paper(turn: Turn, papers: Papers) -> Response:
    return _named(turn, papers) or faq.answer(turn)


@step("deadline: paper by name")
def named_paper(turn: Turn) -> Response | None:
    """Compute the day for a paper that the words name, whatever the message resembles; None when they name none."""
    if turn.slot(SlotKind.DATE) is None and not _PAPER.search(turn.text):
        return None
    about_mark = "商标" in turn.text or "初审公告" in turn.text or "初步审定" in turn.text
    return _named(turn, _MARK_PAPERS if about_mark else _PATENT_PAPERS)


def _named(turn: Turn, papers: Papers) -> Response | None:
    if not _DUE.search(turn.text):
        return None
    known = kinds_by_id(turn.world.knowledge.law)
    for kind_id, pattern in papers:
        if kind_id in known and pattern.search(turn.text):
            return _begin(turn, kind_id, tuple(item.name for item in known[kind_id].inputs))
    return None


def _day_meant(text: str, inputs: tuple[str, ...]) -> str | None:
    """Return the input that the day in the message is: the paper's own, or the day of receipt when only that is said.

    A day of receipt is counted from as it is, so that taking it for one never makes the deadline later.
    """
    received = _RECEIVED.search(text) is not None and "发文" not in text
    order = ("received", "issue") if received else ("issue", "received")
    return next((name for name in (*order, "preliminary_publication") if name in inputs), None)


def _begin(turn: Turn, kind_id: str, inputs: tuple[str, ...]) -> Response:
    first = _day_meant(turn.text, inputs)
    told = None if first is None else day_of(days_told(turn), OF_FIELD.get(field_of(first), DayOf.UNSAID))
    slot = None if told is None else told.slot
    day = None if told is None else told.day
    values = {} if day is None or first is None else {field_of(first): day.isoformat()}
    intent = Intent.TRADEMARK_DISPUTE if kind_id.startswith("tm_") else Intent.PATENT_PROSECUTION
    goal = Goal(kind=GoalKind.DEADLINE, subject=kind_id, values=values, intent=intent.value)
    if day is not None or slot is None or first is None:
        return begin(turn, goal)
    # The day that was said is not clear: it is asked for as what it was said to be.
    unusable = Unusable(slot.problem) if slot.problem else which_day(slot, turn.today)
    asking = turn.conversation.start(goal)
    return ask_again(turn.with_conversation(asking), goal, field_of(first), unusable)
