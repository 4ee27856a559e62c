"""The renewal of a mark that is to be computed: ahead, in its grace period, or no longer possible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.dialogue.conversation import Goal
from bot.dialogue.goals.annuity import KEPT
from bot.dialogue.goals.computed import answered
from bot.dialogue.goals.inputs import field_of, known_day
from bot.dialogue.replies.deadline import deadline_parts
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, button, say
from rules.days import format_day
from rules.deadlines.kinds import compute
from rules.deadlines.result import Amount, Deadline
from rules.money import Fen, format_yuan
from store.messages import Choice, Part, TextPart, Verb

RENEWAL = "tm_renewal"
TERM_YEARS = 10  # of a mark: 商标法（2019年修正）第39条、第40条
NTH_TERM = field_of("nth")
FEBRUARY = 2


def answer_renewal(turn: Turn, goal: Goal, inputs: dict[str, Any]) -> Response:
    """Return when and for how much the mark is renewed. Raises DeadlineInputError."""
    online, paper = _both_ways(turn, goal, inputs)
    due, grace_end = online.nominal, online.grace_end
    if due is None or grace_end is None or online.legal is None or turn.today <= online.legal:
        first, *rest = deadline_parts(_with_both(goal, online, paper), turn.today)
        parts = (first, *_supposed_renewed(goal, online), *rest)
        return answered(turn, goal, parts, [*_choices(goal), PERSON_BUTTON], online)
    if turn.today > grace_end:
        return _lapsed(turn, goal, online, due, grace_end)
    late = {**inputs, "in_grace": True}
    return _in_grace(turn, goal, *_both_ways(turn, goal, late))


@step("renewal: in grace")
def _in_grace(turn: Turn, goal: Goal, online: Deadline, paper: Deadline) -> Response:
    """Say first what it costs to renew today, with the late fee (商标法实施条例: 宽展期)."""
    _, *rest = deadline_parts(_with_both(goal, online, paper), turn.today)
    key = "renewal.in_grace_today" if online.grace_end == turn.today else "renewal.in_grace"
    lead = say(
        key,
        grace=format_day(online.grace_end or turn.today),
        classes=_classes(goal),
        online=_sum(online.amounts),
        paper=_sum(paper.amounts),
    )
    return answered(turn, goal, (TextPart(text=lead), *rest), [*_choices(goal), PERSON_BUTTON], online)


@step("renewal: lapsed")
def _lapsed(turn: Turn, goal: Goal, ended: Deadline, due: date, grace_end: date) -> Response:
    """The term and its grace are over and the mark was not renewed: nothing can be paid any more."""
    *_, citations = deadline_parts(ended, turn.today)
    lead = say("renewal.lapsed", day=format_day(due), grace=format_day(grace_end))
    parts = (TextPart(text=lead), citations)
    return answered(turn, goal, parts, [PERSON_BUTTON], ended.model_copy(update={"amounts": ()}))


def _supposed_renewed(goal: Goal, computed: Deadline) -> tuple[Part, ...]:
    """Return what the day supposes of a mark whose first ten years are over: unless it was renewed then, it is gone."""
    registered, due = known_day(goal.values, "商标注册日"), computed.nominal
    if registered is None or due is None or due.year - registered.year < 2 * TERM_YEARS:
        return ()
    day = min(due.day, 28) if due.month == FEBRUARY else due.day
    earlier = due.replace(year=due.year - TERM_YEARS, day=day)
    return (TextPart(text=say("renewal.supposes", day=format_day(earlier))),)


def _choices(goal: Goal) -> list[Choice]:
    choices = []
    if KEPT in goal.values:
        choices.append(asking_for(say("asset.list_button"), say("asset.list_button")))
    else:
        choices.append(button(say("renewal.keep_button"), Verb.START, "add_asset"))
    if goal.values.get("类别数") is None:
        choices.append(button(say("renewal.classes_button"), Verb.START, "renewal_classes"))
    return choices


def _both_ways(turn: Turn, goal: Goal, inputs: dict[str, Any]) -> tuple[Deadline, Deadline]:
    """Return the deadline for filing online and on paper, for the classes said or one."""
    return both_ways(turn, RENEWAL, {"classes": _classes(goal), **inputs})


def _with_both(goal: Goal, online: Deadline, paper: Deadline) -> Deadline:
    return with_both_amounts(online, paper, _classes(goal))


def _classes(goal: Goal) -> int:
    return int(goal.values.get("类别数") or 1)


def _sum(amounts: Sequence[Amount]) -> str:
    return format_yuan(Fen(sum(amount.payable for amount in amounts if amount.payable is not None)))


def both_ways(turn: Turn, kind_id: str, inputs: dict[str, Any]) -> tuple[Deadline, Deadline]:
    """Return a deadline of the trademark office as filed online and as filed on paper: the owner may choose."""
    online, paper = (
        compute(turn.world.knowledge.law, kind_id, {**inputs, "efile": efile}, turn.today)
        for efile in ("yes", "no")
    )
    return online, paper


def with_both_amounts(online: Deadline, paper: Deadline, classes: int) -> Deadline:
    """Return the deadline with its amounts for filing online and for filing on paper, each so named."""
    amounts = tuple(
        amount.model_copy(update={"title": say(key, title=amount.title, classes=classes)})
        for key, found in (("renewal.online", online), ("renewal.paper", paper))
        for amount in found.amounts
    )
    return online.model_copy(update={"amounts": amounts})
