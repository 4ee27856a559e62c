"""What computes the thing that an answer only describes: buttons to rules, tables, scores, deadlines and guides."""

from __future__ import annotations

from collections.abc import Iterator

from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.turn import Turn, button, say
from knowledge.forms import Answer
from store.messages import Choice, Verb

MOST = 3
LONGEST = 24


def see_also(turn: Turn, entry: Answer) -> tuple[Choice, ...]:
    """Return the buttons below an answer: first what computes, then the guides of its intent."""
    named = list(dict.fromkeys(_named(turn, entry)))
    return tuple(named[:MOST])


def _named(turn: Turn, entry: Answer) -> Iterator[Choice]:
    knowledge = turn.world.knowledge
    kinds = kinds_by_id(knowledge.law)
    for name in entry.see:
        if name in knowledge.guides:
            yield guide_button(turn, name)
        elif name in kinds:
            yield button(say("see.deadline", title=_short(kinds[name].title)), Verb.START, "kind", name)
        elif name in knowledge.files:
            document = knowledge.document(name)
            if document.number_on(turn.today) is not None:
                yield button(say("see.document", title=_short(document.title)), Verb.START, "document", name)
    for guide in knowledge.guides.values():
        if entry.intent in guide.intents and not guide.historic and guide.valid.holds(turn.today):
            yield guide_button(turn, guide.id)


def guide_button(turn: Turn, name: str) -> Choice:
    """Return the button that opens a guide."""
    return button(say("see.guide", title=_short(turn.world.knowledge.guides[name].title)), Verb.OPEN, name)


def _short(title: str) -> str:
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
