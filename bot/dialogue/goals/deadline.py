"""The goal "compute a day and an amount": asks the inputs that a kind of deadline needs, then computes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.dialogue.conversation import Goal
from bot.dialogue.fields import definition_of, is_known, label_of
from bot.dialogue.goals.annuity import ANNUITY, KEPT, LATE, answer_annuity
from bot.dialogue.goals.computed import answered
from bot.dialogue.goals.inputs import field_of, inputs_from, known_day
from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.goals.port import Ask
from bot.dialogue.questions import question_message
from bot.dialogue.replies.deadline import deadline_parts, term_parts
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, button, say
from rules.days import format_day
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import compute
from rules.deadlines.result import Deadline
from store.messages import Choice, Outgoing, Part, TextPart, Verb

RENEWAL = "tm_renewal"
TERM = "patent_term"
TERM_YEARS = 10  # of a mark: 商标法（2019年修正）第39条、第40条
FEBRUARY = 2
_RECEIVED = field_of("received")
_INTERNAL_NAME = re.compile(r"（[a-z_]+）")
"""The law tables name an input for programs too: “申请日”（filing）."""
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
        missing = [name for name in _needed(turn, goal) if goal.values.get(name) is None]
        if missing:
            return _without_inputs(turn, missing)
        try:
            if goal.subject in (ANNUITY, LATE):
                return answer_annuity(turn, goal)
            return _any_kind(turn, goal)
        except DeadlineInputError as error:
            return _refused(turn, goal, error)


def _needed(turn: Turn, goal: Goal) -> tuple[str, ...]:
    if goal.subject in (ANNUITY, LATE):
        return _ANNUITY_FIELDS
    if goal.subject == RENEWAL:
        return () if goal.values.get("商标有效期至") else ("商标注册日",)
    view = kinds_by_id(turn.world.knowledge.law)[goal.subject]
    needed: list[str] = []
    for item in view.inputs:
        given = any(goal.values.get(field_of(other)) is not None for other in item.one_of)
        first_of_several = not item.one_of or item.one_of[0] == item.name
        if item.required and first_of_several and not given:
            needed.append(field_of(item.name))
        if item.name == "delivery" and goal.values.get(field_of("issue")) and not goal.values.get(_RECEIVED):
            needed.append(field_of(item.name))
    return tuple(needed)


@step("deadline: inputs not known")
def _without_inputs(turn: Turn, missing: Sequence[str]) -> Response:
    named = "、".join(label_of(turn, name) for name in missing)
    words = Outgoing.say(say("deadline.needs_input", missing=named), PERSON_BUTTON)
    return Response(turn.conversation.settle(), (words,))


@step("deadline: computed")
def _any_kind(turn: Turn, goal: Goal) -> Response:
    """Answer for the kind; where online filing costs less than paper, for both, because the owner may choose."""
    tables = turn.world.knowledge.law
    names = tuple(item.name for item in kinds_by_id(tables)[goal.subject].inputs)
    inputs = inputs_from(tables, goal.values, names)
    computed = (
        _both_ways(turn, goal, inputs)
        if "efile" in names
        else compute(tables, goal.subject, inputs, turn.today)
    )
    choices = [PERSON_BUTTON]
    if goal.subject == TERM:
        return _term(turn, goal, computed)
    if goal.subject == RENEWAL:
        first, *rest = deadline_parts(computed, turn.today)
        parts = (first, *_supposed_renewed(goal, computed), *rest)
        return answered(turn, goal, parts, [*_renewal_choices(goal), *choices], computed)
    return answered(turn, goal, deadline_parts(computed, turn.today), choices, computed)


def _term(turn: Turn, goal: Goal, computed: Deadline) -> Response:
    kind, filing = goal.values["专利类型"], date.fromisoformat(goal.values["申请日"])
    fee = asking_for(say("term.fee_button"), say("annuity.several_ask", kind=kind, day=format_day(filing)))
    return answered(turn, goal, term_parts(computed, kind, turn.today), [fee, PERSON_BUTTON], computed)


def _supposed_renewed(goal: Goal, computed: Deadline) -> tuple[Part, ...]:
    """Return what the day supposes of a mark whose first ten years are over: unless it was renewed then, it is gone."""
    registered, due = known_day(goal.values, "商标注册日"), computed.nominal
    if registered is None or due is None or due.year - registered.year < 2 * TERM_YEARS:
        return ()
    day = min(due.day, 28) if due.month == FEBRUARY else due.day
    earlier = due.replace(year=due.year - TERM_YEARS, day=day)
    return (TextPart(text=say("renewal.supposes", day=format_day(earlier))),)


def _renewal_choices(goal: Goal) -> list[Choice]:
    choices = []
    if KEPT in goal.values:
        choices.append(asking_for(say("asset.list_button"), say("asset.list_button")))
    else:
        choices.append(button(say("renewal.keep_button"), Verb.START, "add_asset"))
    if goal.values.get("类别数") is None:
        choices.append(button(say("renewal.classes_button"), Verb.START, "renewal_classes"))
    return choices


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


@step("deadline: refused input")
def _refused(turn: Turn, goal: Goal, error: DeadlineInputError) -> Response:
    """Say what is wrong with the input and ask for it again; what cannot be asked for is left to a person."""
    field, problem = field_of(error.field), _INTERNAL_NAME.sub("", error.message_zh)
    if not is_known(turn, field) or field in goal.declined:
        words = Outgoing.say(problem, PERSON_BUTTON)
        return Response(turn.conversation.settle(), (words,))
    lead = problem if field in goal.values else ""
    message = question_message(field, definition_of(turn, field), lead)
    return Response(turn.conversation.replace(goal.without(field).asking(field)), (message,))
