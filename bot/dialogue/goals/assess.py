"""The goal "decide these rules": asks what matters, one thing at a time, and stops as soon as everything is decided."""

from __future__ import annotations

from bot.dialogue.conversation import Goal
from bot.dialogue.effects import RecordAnswer
from bot.dialogue.goals.documents import PURPOSE, documents, purposes_of
from bot.dialogue.goals.port import Ask
from bot.dialogue.goals.questions_asked import question_over
from bot.dialogue.replies.answered import Answered
from bot.dialogue.replies.assessment import verdict_parts
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, say
from rules.assess import assess
from rules.document import RuleDocument, Score
from rules.facts import Facts, FactState, FactValue
from rules.questions import Question
from rules.scores import score
from rules.tables import decide
from store.fact_values import to_json
from store.messages import Choice, Outgoing, Verb

ENOUGH = "先看结果"
MOST_LINKS = 4
MOST_REASONS = 2
_RECORDED = (FactState.VALUE, FactState.NOT_APPLICABLE)  # a fact that does not exist here is kept as None


class Assess:
    """Works on goals of the kind ASSESS; `targets` are the ids of rules and tables."""

    def next_question(self, turn: Turn, goal: Goal) -> Ask | None:
        """Return the fact that decides most for its cost, with why it matters; None when all is decided."""
        if goal.values.get(ENOUGH):
            return None
        knowledge = turn.world.knowledge
        question = question_over(
            knowledge, documents(knowledge, goal.targets), facts_for(turn, goal), turn.today
        )
        return None if question is None else Ask(question.fact, why=_why(question))

    def finish(self, turn: Turn, goal: Goal) -> Response:
        """Return what each rule says, and keep what it rested on."""
        return _verdict(turn, goal)


def _why(question: Question) -> str:
    """Return what the question decides: the two foremost reasons, and how many more there are."""
    lines = [question.definition.why, *(str(reason) for reason in question.reasons[:MOST_REASONS])]
    more = len({reason.goal for reason in question.reasons[MOST_REASONS:]})
    if more:
        lines.append(say("assess.why_more", count=more))
    return "\n".join(line for line in lines if line)


def facts_for(turn: Turn, goal: Goal) -> Facts:
    """Return what is known for the goal: the company's facts, what was said for this goal, what was declined."""
    facts = turn.world.facts
    for name, value in goal.values.items():
        definition = turn.world.knowledge.facts.get(name)
        if definition is None:
            continue
        read = (
            FactValue(FactState.NOT_APPLICABLE, None, "", turn.today)
            if value is None
            else FactValue.read(definition, value, source="您说的", day=turn.today)
        )
        facts = facts.with_fact(name, read)
    for name in goal.declined:
        facts = facts.declined(name)
    return facts


def answers(turn: Turn, goal: Goal) -> tuple[Answered, ...]:
    """Return what each rule and table of the goal says today."""
    facts, dictionary = facts_for(turn, goal), turn.world.knowledge.facts
    said: list[Answered] = []
    for document in documents(turn.world.knowledge, goal.targets):
        if isinstance(document, RuleDocument):
            said.append(Answered(document, assess(document, facts, turn.today, dictionary)))
        elif isinstance(document, Score):
            purpose = goal.values.get(PURPOSE)
            usable = purpose if purpose in purposes_of(document) else None
            said.append(Answered(document, score(document, facts, turn.today, dictionary, usable)))
        else:
            said.append(Answered(document, decide(document, facts, turn.today, dictionary)))
    return tuple(said)


@step("assess: verdict")
def _verdict(turn: Turn, goal: Goal) -> Response:
    said = answers(turn, goal)
    facts = facts_for(turn, goal)
    record = RecordAnswer(
        {name: to_json(fact.value) for name, fact in facts.items() if fact.state in _RECORDED},
        tuple(answer.record() for answer in said),
    )
    parts = verdict_parts(goal.subject, said, turn.world.knowledge, facts, turn.today)
    message = Outgoing(parts=parts, choices=_choices(turn, goal, said), intent=goal.intent)
    return Response(turn.conversation.settle(), (message,), (record,))


def _choices(turn: Turn, goal: Goal, said: tuple[Answered, ...]) -> tuple[Choice, ...]:
    links = [link for answer in said for link in answer.links(turn.world.knowledge)]
    choices = [button(name, Verb.START, "document", target) for name, target in links[:MOST_LINKS]]
    if any(name in goal.values or name in goal.declined for name in goal.asked):
        choices.append(button(say("assess.change_button"), Verb.START, "change_answers"))
    for answer in said:
        purposes = purposes_of(answer.document)
        now = goal.values.get(PURPOSE) or next(iter(purposes), "")
        others = [name for name in purposes if name != now][:MOST_LINKS]
        choices += [
            button(say("score.for_button", purpose=name), Verb.START, "purpose", name) for name in others
        ]
    if goal.subject == "subsidy":
        choices.append(button(say("assess.remind_button"), Verb.CONFIRM, "want_broadcasts"))
    return (*choices, PERSON_BUTTON)


def stopped(goal: Goal) -> Goal:
    """Return the goal with no more questions wanted."""
    return goal.with_value(ENOUGH, True)
