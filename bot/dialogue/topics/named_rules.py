"""A rule, table or score that the message names by its title or another name of it: 诉讼费, 商标质押, 小微企业.

The answer of the FAQ describes; where the message also tells what the rule asks for (索赔50万), it is computed at once.
"""

from __future__ import annotations

from bot.dialogue.prefill import facts_said
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.rules import check_document, check_subject, is_accused
from bot.dialogue.turn import Response, Turn
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import SlotKind
from knowledge.base import Evaluated
from rules.facts import FactState

SHORTEST_NAME = 3
_PLEDGES = {"trademark": "pledge.trademark-check", "copyright": "pledge.copyright-check"}
_OF_RIGHT = {"trademark": "trademark", "copyright": "copyright", "software_copyright": "copyright"}


def named(turn: Turn) -> Evaluated | None:
    """Return the document in force whose longest name stands in the message, or None."""
    found: list[tuple[int, Evaluated]] = []
    for document in turn.world.knowledge.documents():
        if document.number_on(turn.today) is None:
            continue
        names = [name for name in (document.title, *document.aliases) if len(name) >= SHORTEST_NAME]
        longest = max((len(name) for name in names if name in turn.text), default=0)
        if longest:
            found.append((longest, document))
    if not found:
        return None
    best = max(length for length, _ in found)
    longest_named = [document for length, document in found if length == best]
    return longest_named[0] if len(longest_named) == 1 else None


@step("faq: or the rule it names")
def answer(turn: Turn) -> Response:
    """Compute what the message names and tells enough of; else answer from the FAQ."""
    if turn.intent is Intent.LAWSUIT and is_accused(turn):
        return check_subject(turn, "accused")
    document = named(turn)
    if document is not None and _tells(turn, document):
        return check_document(turn, document.id)
    return faq.answer(turn)


def _tells(turn: Turn, document: Evaluated) -> bool:
    """Return whether the message states something that the document asks for."""
    said = facts_said(turn, [document], turn.world.knowledge.facts)
    return any(fact.state is FactState.VALUE for fact in said.values())


@step("assess: pledge")
def pledge(turn: Turn) -> Response | None:
    """Check the pledge of a mark or a copyright by its own rule; None where a patent, or nothing, is named."""
    slot = turn.slot(SlotKind.RIGHT_TYPE)
    kind = _OF_RIGHT.get(str(slot.value)) if slot is not None else None
    return check_document(turn, _PLEDGES[kind]) if kind else None
