"""The goal "compute a day and an amount": asks the inputs that a kind of deadline needs, then computes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.dialogue.conversation import Goal
from bot.dialogue.fields import definition_of, is_known, label_of
from bot.dialogue.goals.annuity import ANNUITY, LATE, answer_annuity
from bot.dialogue.goals.computed import answered
from bot.dialogue.goals.inputs import field_of, inputs_from
from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.goals.port import Ask
from bot.dialogue.goals.renewal import RENEWAL, answer_renewal, both_ways, with_both_amounts
from bot.dialogue.questions import question_message
from bot.dialogue.replies.deadline import deadline_parts, term_parts
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, say
from rules.days import format_day
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import compute
from rules.deadlines.result import Deadline
from store.messages import Outgoing

TERM = "patent_term"
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
    if goal.subject == RENEWAL:
        return answer_renewal(turn, goal, inputs)
    if "efile" in names:
        classes = goal.values.get("类别数") or 1
        both = both_ways(turn, goal.subject, {"classes": classes, **inputs})
        computed = with_both_amounts(*both, classes)
    else:
        computed = compute(tables, goal.subject, inputs, turn.today)
    if goal.subject == TERM:
        return _term(turn, goal, computed)
    return answered(turn, goal, deadline_parts(computed, turn.today), [PERSON_BUTTON], computed)


def _term(turn: Turn, goal: Goal, computed: Deadline) -> Response:
    kind, filing = goal.values["专利类型"], date.fromisoformat(goal.values["申请日"])
    fee = asking_for(say("term.fee_button"), say("annuity.several_ask", kind=kind, day=format_day(filing)))
    return answered(turn, goal, term_parts(computed, kind, turn.today), [fee, PERSON_BUTTON], computed)


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
