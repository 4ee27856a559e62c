"""The goal "compute a day and an amount": asks the inputs that a kind of deadline needs, then computes it."""

from __future__ import annotations

from typing import Any

from bot.dialogue.conversation import Goal
from bot.dialogue.effects import RecordAnswer
from bot.dialogue.fields import definition_of, is_known
from bot.dialogue.goals.inputs import REDUCTIONS, field_of, inputs_from, known_day
from bot.dialogue.goals.port import Ask
from bot.dialogue.questions import question_message
from bot.dialogue.replies.annuity import annuity_parts, late_parts, next_annuity_parts
from bot.dialogue.replies.deadline import deadline_parts
from bot.dialogue.right_types import IDS
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, say
from rules.deadlines.annuity import CurrentAnnuity, annuity, current_annuity
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import catalogue, compute
from rules.deadlines.result import Deadline
from store.messages import Choice, Outgoing, Part, Verb

ANNUITY = "annuity"
LATE = "annuity_late"
RENEWAL = "tm_renewal"
_ANNUITY_FIELDS = ("专利类型", "申请日")


class ComputeDeadline:
    """Works on goals of the kind DEADLINE; `subject` is the kind's id in the law tables."""

    def next_question(self, turn: Turn, goal: Goal) -> Ask | None:
        """Return the first input that is needed and not known."""
        for name in _needed(turn, goal):
            if goal.values.get(name) is None and name not in goal.declined:
                return Ask(name)
        return None

    def finish(self, turn: Turn, goal: Goal) -> Response:
        """Return the computed answer, or which input is wrong, or what is still needed."""
        if any(goal.values.get(name) is None for name in _needed(turn, goal)):
            return _without_inputs(turn)
        try:
            if goal.subject in (ANNUITY, LATE):
                return _annuity(turn, goal)
            return _any_kind(turn, goal)
        except DeadlineInputError as error:
            return _refused(turn, goal, error)


def _needed(turn: Turn, goal: Goal) -> tuple[str, ...]:
    if goal.subject in (ANNUITY, LATE):
        return _ANNUITY_FIELDS
    if goal.subject == RENEWAL:
        return () if goal.values.get("商标有效期至") else ("商标注册日",)
    view = next(kind for kind in catalogue(turn.world.knowledge.law) if kind.id == goal.subject)
    needed: list[str] = []
    for item in view.inputs:
        given = any(goal.values.get(field_of(other)) is not None for other in item.one_of)
        first_of_several = not item.one_of or item.one_of[0] == item.name
        if item.required and first_of_several and not given:
            needed.append(field_of(item.name))
    return tuple(needed)


@step("deadline: inputs not known")
def _without_inputs(turn: Turn) -> Response:
    words = Outgoing.say(say("deadline.needs_input"), PERSON_BUTTON)
    return Response(turn.conversation.settle(), (words,))


def _annuity(turn: Turn, goal: Goal) -> Response:
    current = current_for(turn, goal)
    if goal.values.get("年度") is not None:
        return _one_year(turn, goal, int(goal.values["年度"]))
    if goal.subject == LATE:
        return _late(turn, goal, current)
    return _next_annuity(turn, goal, current)


def current_for(turn: Turn, goal: Goal) -> CurrentAnnuity:
    """Return the annuity that matters today for what the goal knows. Raises DeadlineInputError."""
    filing = known_day(goal.values, "申请日")
    if filing is None:
        raise DeadlineInputError("filing", say("deadline.needs_input"), "filing day missing")
    return current_annuity(
        turn.world.knowledge.law,
        IDS[goal.values["专利类型"]],
        filing,
        today=turn.today,
        grant=known_day(goal.values, "授权公告日"),
        reduction=REDUCTIONS.get(goal.values.get("年费减缴", "")),
    )


@step("annuity: one year")
def _one_year(turn: Turn, goal: Goal, year: int) -> Response:
    """Answer for the patent year that was named, whether it lies ahead or behind."""
    filing = known_day(goal.values, "申请日")
    if filing is None:
        return _without_inputs(turn)
    owed = annuity(
        turn.world.knowledge.law,
        IDS[goal.values["专利类型"]],
        filing,
        year,
        grant=known_day(goal.values, "授权公告日"),
        reduction=REDUCTIONS.get(goal.values.get("年费减缴", "")),
        as_of=turn.today,
    )
    parts = annuity_parts(owed, turn.today) if owed.legal >= turn.today else late_parts(owed, turn.today)
    choices = [button(say("annuity.keep_button"), Verb.START, "add_asset")]
    return _answered(turn, goal, parts, choices, owed)


@step("annuity: next")
def _next_annuity(turn: Turn, goal: Goal, current: CurrentAnnuity) -> Response:
    choices = [button(say("annuity.keep_button"), Verb.START, "add_asset")]
    if goal.values.get("年费减缴") is None:
        choices.append(button(say("annuity.reduction_button"), Verb.START, "annuity_reduction"))
    if current.to_check is not None:
        choices.append(button(say("annuity.late_button"), Verb.START, LATE))
    parts = next_annuity_parts(current, turn.today)
    return _answered(turn, goal, parts, choices, current.next)


@step("annuity: late")
def _late(turn: Turn, goal: Goal, current: CurrentAnnuity) -> Response:
    owed = current.to_check or current.next
    if owed is None:
        return _answered(turn, goal, next_annuity_parts(current, turn.today), [PERSON_BUTTON], None)
    choices = [button(say("annuity.keep_button"), Verb.START, "add_asset"), PERSON_BUTTON]
    return _answered(turn, goal, late_parts(owed, turn.today), choices, owed)


@step("deadline: computed")
def _any_kind(turn: Turn, goal: Goal) -> Response:
    """Answer for the kind; where online filing costs less than paper, for both, because the owner may choose."""
    tables = turn.world.knowledge.law
    names = tuple(item.name for kind in catalogue(tables) if kind.id == goal.subject for item in kind.inputs)
    inputs = inputs_from(tables, goal.values, names)
    computed = (
        _both_ways(turn, goal, inputs)
        if "efile" in names
        else compute(tables, goal.subject, inputs, turn.today)
    )
    choices = [PERSON_BUTTON]
    if goal.subject == RENEWAL:
        choices.insert(0, button(say("renewal.keep_button"), Verb.START, "add_asset"))
    return _answered(turn, goal, deadline_parts(computed, turn.today), choices, computed)


def _both_ways(turn: Turn, goal: Goal, inputs: dict[str, Any]) -> Deadline:
    """Return the deadline with its amounts for filing online and on paper, for the classes said or one."""
    classes = goal.values.get("类别数") or 1
    online, paper = (
        compute(
            turn.world.knowledge.law,
            goal.subject,
            {"classes": classes, **inputs, "efile": efile},
            turn.today,
        )
        for efile in ("yes", "no")
    )
    amounts = tuple(
        amount.model_copy(update={"title": say(key, title=amount.title, classes=classes)})
        for key, found in (("renewal.online", online), ("renewal.paper", paper))
        for amount in found.amounts
    )
    return online.model_copy(update={"amounts": amounts})


def _answered(
    turn: Turn, goal: Goal, parts: tuple[Part, ...], choices: list[Choice], computed: Any
) -> Response:
    results = () if computed is None else (computed.model_dump(mode="json"),)
    return Response(
        turn.conversation.settle(),
        (Outgoing(parts=parts, choices=tuple(choices), intent=goal.intent),),
        (RecordAnswer(goal.values, results),),
    )


@step("deadline: refused input")
def _refused(turn: Turn, goal: Goal, error: DeadlineInputError) -> Response:
    """Say what is wrong with the input and ask for it again."""
    field = field_of(error.field)
    if field not in goal.values and is_known(turn, field) and field not in goal.declined:
        asked = question_message(definition_of(turn, field))
        return Response(turn.conversation.replace(goal.asking(field)), (asked,))
    if field not in goal.values:
        words = Outgoing.say(error.message_zh, PERSON_BUTTON)
        return Response(turn.conversation.settle(), (words,))
    again = goal.without(field).asking(field)
    message = question_message(definition_of(turn, field), error.message_zh)
    return Response(turn.conversation.replace(again), (message,))
