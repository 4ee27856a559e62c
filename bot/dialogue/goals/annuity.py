"""The annuity of a patent that is to be computed: the next one, one named year, one that is late."""

from __future__ import annotations

import re
from datetime import date
from functools import partial

from bot.dialogue.conversation import Goal
from bot.dialogue.goals.computed import answered
from bot.dialogue.goals.inputs import REDUCTIONS, known_day
from bot.dialogue.goals.pay_day import PAID_ON, pay_day
from bot.dialogue.replies.annuity import (
    annuity_parts,
    late_parts,
    next_annuity_parts,
    paid_on_parts,
    term_end_parts,
)
from bot.dialogue.right_types import IDS
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, button, say
from rules.days import format_day_with_weekday
from rules.deadlines.annuity import Annuity, CurrentAnnuity, annuity, current_annuity
from rules.deadlines.errors import DeadlineInputError
from rules.money import format_yuan
from store.messages import Choice, Part, TextPart, Verb

ANNUITY = "annuity"
LATE = "annuity_late"
KEPT = "已登记"  # the id of the right on the company's list that the goal is about
FIRST_OPEN = "未缴年度"  # the first patent year that the company's list shows as not paid


def answer_annuity(turn: Turn, goal: Goal) -> Response:
    """Return what is to be paid by when, or for one that is late what it costs today. Raises DeadlineInputError."""
    paid_on = known_day(goal.values, PAID_ON)
    if paid_on is not None and paid_on >= turn.today:
        return _paid_on(turn, goal, paid_on)
    if goal.values.get("年度") is not None:
        return _one_year(turn, goal, int(goal.values["年度"]))
    current = current_for(turn, goal)
    if goal.subject == LATE:
        return _late(turn, goal, current)
    return _next_annuity(turn, goal, current)


def current_for(turn: Turn, goal: Goal) -> CurrentAnnuity:
    """Return the annuity that matters today for what the goal knows. Raises DeadlineInputError."""
    compute = partial(
        current_annuity,
        turn.world.knowledge.law,
        IDS[goal.values["专利类型"]],
        _filing(goal),
        today=turn.today,
        grant=known_day(goal.values, "授权公告日"),
        reduction=REDUCTIONS.get(goal.values.get("年费减缴", "")),
    )
    current, first_open = compute(), goal.values.get(FIRST_OPEN)
    if first_open is not None and current.next is not None and current.next.year < first_open:
        return compute(paid_through=first_open - 1)
    return current


def owed_by(turn: Turn, goal: Goal) -> Annuity | None:
    """Return the annuity that the goal is about: the year it names, one that can still be paid late, else the next."""
    if goal.values.get("年度") is not None:
        named = _of_year(turn, goal, int(goal.values["年度"]))
        if named.grace_end >= turn.today:
            return named
    current = current_for(turn, goal.without("年度"))
    return current.in_grace or current.next


def paid_on_said(turn: Turn, goal: Goal) -> dict[str, str]:
    """Return the day on which the message says that the goal's annuity is to be paid: 拖到12月底再交."""
    if any(goal.values.get(name) is None for name in ("专利类型", "申请日")):
        return {}  # nothing to be paid is known
    try:
        owed = owed_by(turn, goal)
    except DeadlineInputError:
        return {}
    day = None if owed is None else pay_day(turn, owed.nominal)
    return {} if day is None else {PAID_ON: day.isoformat()}


@step("annuity: paid on a day")
def _paid_on(turn: Turn, goal: Goal, day: date) -> Response:
    """Say what the annuity costs when it is paid on the day that was named."""
    current, owed = current_for(turn, goal), owed_by(turn, goal)
    if owed is None:
        return _term_ends(turn, goal, current)
    parts = paid_on_parts(owed, day, turn.today)
    return answered(turn, goal, parts, [*_choices(goal), PERSON_BUTTON], owed)


def _of_year(turn: Turn, goal: Goal, year: int) -> Annuity:
    return annuity(
        turn.world.knowledge.law,
        IDS[goal.values["专利类型"]],
        _filing(goal),
        year,
        grant=known_day(goal.values, "授权公告日"),
        reduction=REDUCTIONS.get(goal.values.get("年费减缴", "")),
        as_of=turn.today,
    )


def _filing(goal: Goal) -> date:
    filing = known_day(goal.values, "申请日")
    if filing is None:
        raise DeadlineInputError("filing", say("ask.whole_day", said=""), "filing day missing")
    return filing


@step("annuity: one year")
def _one_year(turn: Turn, goal: Goal, year: int) -> Response:
    """Answer for the patent year that was named, ahead or behind; for a year that has no annuity say so."""
    try:
        owed = _of_year(turn, goal, year)
    except DeadlineInputError as error:
        if error.field != "year":
            raise
        return _no_such_year(turn, goal, error)
    if owed.legal >= turn.today:
        return answered(turn, goal, annuity_parts(owed, turn.today), _choices(goal), owed)
    parts = late_parts(owed, turn.today)
    if known_day(goal.values, "授权公告日") is None:
        parts = (*parts[:1], TextPart(text=say("late.before_grant", year=year)), *parts[1:])
    if owed.grace_end < turn.today and goal.subject == ANNUITY:
        parts = (*parts[:1], *_if_paid(turn, goal), *parts[1:])
    return answered(turn, goal, parts, _choices(goal), owed)


def _if_paid(turn: Turn, goal: Goal) -> tuple[Part, ...]:
    """Return what is next, where the year asked about has been paid: of one long past that is likely."""
    ahead = current_for(turn, goal.without("年度")).next
    if ahead is None:
        return ()
    words = say(
        "late.if_paid",
        year=ahead.year,
        safe=format_day_with_weekday(ahead.safe),
        amount=format_yuan(ahead.payable),
    )
    return (TextPart(text=words),)


@step("annuity: no such year")
def _no_such_year(turn: Turn, goal: Goal, error: DeadlineInputError) -> Response:
    """Say why the year has no annuity, then answer for the next one."""
    other = goal.without("年度")
    going_on = turn.with_conversation(turn.conversation.replace(other))
    return answer_annuity(going_on, other).led_by(re.sub(r"（[a-z_]+）", "", error.message_zh))


@step("annuity: next")
def _next_annuity(turn: Turn, goal: Goal, current: CurrentAnnuity) -> Response:
    if current.next is None:
        return _term_ends(turn, goal, current)
    parts = next_annuity_parts(current, turn.today)
    return answered(turn, goal, parts, _choices(goal, current), current.next)


@step("annuity: term ends")
def _term_ends(turn: Turn, goal: Goal, current: CurrentAnnuity) -> Response:
    """No annuity lies ahead: until when the patent is protected."""
    kind, filing = IDS[goal.values["专利类型"]], _filing(goal)
    parts = term_end_parts(turn.world.knowledge.law, kind, filing, current.term_end, turn.today)
    ended = {"subject": goal.subject, "term_end": current.term_end.isoformat()}
    return answered(turn, goal, parts, [PERSON_BUTTON], ended)


@step("annuity: late")
def _late(turn: Turn, goal: Goal, current: CurrentAnnuity) -> Response:
    owed = current.to_check or current.next
    if owed is None:
        return _term_ends(turn, goal, current)
    return answered(turn, goal, late_parts(owed, turn.today), [*_choices(goal), PERSON_BUTTON], owed)


def _choices(goal: Goal, current: CurrentAnnuity | None = None) -> list[Choice]:
    choices = []
    if KEPT in goal.values:
        choices.append(asking_for(say("asset.list_button"), say("asset.list_button")))
    else:
        choices.append(button(say("annuity.keep_button"), Verb.START, "add_asset"))
    if current is not None and goal.values.get("年费减缴") is None:
        choices.append(button(say("annuity.reduction_button"), Verb.START, "annuity_reduction"))
    if current is not None and current.to_check is not None:
        choices.append(button(say("annuity.late_button"), Verb.START, LATE))
    if current is not None:
        choices.append(button(say("schedule.button"), Verb.START, "annuity_schedule"))
    return choices
