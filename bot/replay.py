"""An answer computed again: with the revision it was given under, as of its day, on the facts it rested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.dialogue.conversation import Conversation, Goal, GoalKind
from bot.dialogue.effects import RecordAnswer
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.goals.annuity import ANNUITY, LATE
from bot.dialogue.goals.deadline import ComputeDeadline
from bot.dialogue.replies.answered import Answered
from bot.dialogue.turn import Turn
from bot.dialogue.world import Heard, World
from knowledge.base import KnowledgeBase
from rules.assess import assess
from rules.facts import Facts, FactState
from rules.scores import score
from rules.tables import decide
from store.fact_values import from_stored
from store.messages import IncomingKind
from store.records import Answer, StoredFact

SOURCE: Final = "当时的回答"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One result as it was kept and as it comes out now. `computed` is None when the revision lacks the document."""

    name: str
    stored: Mapping[str, Any]
    computed: Mapping[str, Any] | None

    @property
    def same(self) -> bool:
        """Return whether both say the same."""
        return self.stored == self.computed

    @property
    def differing(self) -> tuple[str, ...]:
        """Return the fields that differ."""
        computed = self.computed or {}
        return tuple(
            sorted(
                key
                for key in self.stored.keys() | computed.keys()
                if self.stored.get(key) != computed.get(key)
            )
        )


def replay(answer: Answer, knowledge: KnowledgeBase) -> tuple[Replayed, ...]:
    """Return every result of the answer, computed again with the knowledge of its revision."""
    facts = _facts(answer, knowledge)
    return tuple(_replayed(result, answer, facts, knowledge) for result in answer.results)


def _facts(answer: Answer, knowledge: KnowledgeBase) -> Facts:
    """Return the facts as they were known on the day; None stands for one that does not exist."""
    return from_stored(
        (
            StoredFact(
                name=name,
                state=(FactState.NOT_APPLICABLE if value is None else FactState.VALUE).value,
                value=value,
                source=SOURCE,
                day=answer.as_of,
            )
            for name, value in answer.facts.items()
        ),
        knowledge.facts,
        answer.as_of,
    )


def _replayed(result: Mapping[str, Any], answer: Answer, facts: Facts, knowledge: KnowledgeBase) -> Replayed:
    if "rule" in result:
        rule = knowledge.rules.get(result["rule"])
        found = rule and Answered(rule, assess(rule, facts, answer.as_of, knowledge.facts))
        return Replayed(result["rule"], result, found.record() if found else None)
    if "table" in result:
        table = knowledge.tables.get(result["table"])
        decided = table and Answered(table, decide(table, facts, answer.as_of, knowledge.facts))
        return Replayed(result["table"], result, decided.record() if decided else None)
    if "score" in result:
        form = knowledge.scores.get(result["score"])
        purpose = result["purpose"] or None
        scored = form and Answered(form, score(form, facts, answer.as_of, knowledge.facts, purpose))
        return Replayed(result["score"], result, scored.record() if scored else None)
    subjects = (result["kind"],) if "kind" in result else (ANNUITY, LATE)
    given = [answer]
    if "year" in result:  # one of several years that were answered together
        given.append(answer.model_copy(update={"facts": {**answer.facts, "年度": result["year"]}}))
    computed = [_deadline(subject, each, knowledge) for each in given for subject in subjects]
    return Replayed(subjects[0], result, result if result in computed else computed[0])


def _deadline(subject: str, answer: Answer, knowledge: KnowledgeBase) -> Mapping[str, Any] | None:
    """Return what the goal of this subject records for the inputs of the answer, None when it cannot be computed."""
    if subject not in (ANNUITY, LATE, *knowledge.law.kinds):
        return None
    goal = Goal(kind=GoalKind.DEADLINE, subject=subject, values=answer.facts, intent=answer.intent)
    world = World(knowledge, FaqIndex.build(replace(knowledge, faq={})))  # a deadline asks none of them
    turn = Turn(Conversation(goals=(goal,)), Heard(IncomingKind.TEXT), world, answer.as_of)
    response = ComputeDeadline().finish(turn, goal)
    recorded = [effect for effect in response.effects if isinstance(effect, RecordAnswer)]
    return recorded[0].results[0] if recorded and recorded[0].results else None
