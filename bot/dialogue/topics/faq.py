"""Questions answered from the FAQ: own words, cited, dated. What is not there is not invented."""

from __future__ import annotations

from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, reply, say
from bot.understanding.search import search
from knowledge.forms import Answer
from rules.days import format_day
from store.messages import Choice, CitationPart, Outgoing, TextPart, Verb

MOST_RELATED = 3


@step("faq: answer")
def answer(turn: Turn) -> Response:
    """Answer with the FAQ entry of the intent that fits the words best, with others as buttons."""
    entries = list(turn.world.knowledge.faq_of_intent(turn.intent.value, turn.today))
    ranked = _ranked(turn, entries) or _ranked(turn, _valid(turn))
    if not ranked:
        return nothing_known(turn)
    return _said(turn, ranked[0], ranked[1 : 1 + MOST_RELATED])


@step("faq: opened")
def show(turn: Turn, entry_id: str) -> Response:
    """Show the entry that a button names."""
    entry = next((entry for entry in _valid(turn) if entry.id == entry_id), None)
    return nothing_known(turn) if entry is None else _said(turn, entry, [])


@step("faq: nothing known")
def nothing_known(turn: Turn) -> Response:
    """The field is ours, but the knowledge base has no sourced answer: say so and whom to ask."""
    return reply(turn.conversation, say("faq.nothing"), PERSON_BUTTON)


def nearest(turn: Turn) -> list[Choice]:
    """Return buttons for the entries whose words come closest, none when nothing comes close."""
    return [_open(entry) for entry in _ranked(turn, _valid(turn))[:MOST_RELATED]]


def _valid(turn: Turn) -> list[Answer]:
    return [entry for entry in turn.world.knowledge.faq.values() if entry.valid.holds(turn.today)]


def _ranked(turn: Turn, entries: list[Answer]) -> list[Answer]:
    documents = [(entry.id, entry.question, " ".join([*entry.aliases, entry.text])) for entry in entries]
    by_id = {entry.id: entry for entry in entries}
    return [by_id[found.id] for found in search(turn.text, documents)]


def _open(entry: Answer) -> Choice:
    return button(entry.question[:40], Verb.OPEN, entry.id)


def _said(turn: Turn, entry: Answer, related: list[Answer]) -> Response:
    citations = tuple(str(citation) for citation in entry.citations)
    message = Outgoing(
        parts=(
            TextPart(text=f"{entry.question}\n{entry.text}"),
            CitationPart(citations=citations, as_of=format_day(turn.today)),
        ),
        choices=(*(_open(other) for other in related), PERSON_BUTTON),
    )
    return Response(turn.conversation, (message,))
