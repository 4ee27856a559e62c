"""Questions answered from the FAQ: own words, cited, dated. What is not there is not invented."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.dialogue.faq_index import NEAR, SURE, Found
from bot.dialogue.steps import step
from bot.dialogue.topics.see_also import see_also
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, reply, say
from bot.understanding.search import snippet
from knowledge.forms import Answer
from rules.days import format_day
from store.messages import Choice, CitationPart, Outgoing, TextPart, Verb

MOST_RELATED = 3
SURE_ELSEWHERE = 0.5
PLAIN = 0.5
"""From this closeness on the entry's own question was asked, and nothing of one's own case."""
ABOUT_AS_CLOSE = 0.15


@step("faq: answer")
def answer(turn: Turn) -> Response:
    """Answer with the entry whose question comes closest, with others as buttons; offer them when none is close."""
    if entry := asked_plainly(turn, turn.intent.value):
        return plainly(turn, entry)
    found = turn.world.faq.find(turn.text, turn.today, turn.intent.value)
    sure = answers(found)
    if not found:  # another intent's entry must come closer to be the answer
        found = turn.world.faq.find(turn.text, turn.today)
        sure = answers(found) and found[0].closeness >= SURE_ELSEWHERE
    if not found:
        return nothing_known(turn)
    if not sure:
        return perhaps(turn, found)
    return _said(turn, found[0].entry, [other.entry for other in found[1 : 1 + MOST_RELATED]])


def answers(found: Sequence[Found]) -> bool:
    """Return whether the first entry comes close enough to be the answer."""
    return bool(found) and found[0].closeness >= SURE


def asked_plainly(turn: Turn, intent: str = "", but: Collection[str] = ()) -> Answer | None:
    """Return the entry whose own question was asked almost word for word, or None.

    None too where one of the entries `but` comes about as close.
    """
    near = _near(turn, intent)
    nearest = max(near, key=lambda one: one.closeness, default=None)
    if nearest is None or nearest.closeness < PLAIN:
        return None
    about = nearest.closeness - ABOUT_AS_CLOSE
    return None if any(one.entry.id in but and one.closeness >= about for one in near) else nearest.entry


def asked_of(turn: Turn, intent: str) -> Answer | None:
    """Return the entry of this intent alone whose own question was asked almost word for word: 要带什么材料, within a pledge."""
    found = turn.world.faq.find(turn.text, turn.today, intent) if intent else []
    return found[0].entry if found and found[0].closeness >= PLAIN else None


@step("faq: plainly asked")
def plainly(turn: Turn, entry: Answer, *choices: Choice) -> Response:
    """Show the entry that was asked for, with `choices` and what comes near as buttons."""
    near = (one for one in _near(turn, entry.intent) if one.closeness >= NEAR)
    related = [one.entry for one in near if one.entry.id != entry.id]
    return _said(turn, entry, related[: MOST_RELATED - len(choices)], choices)


def _near(turn: Turn, intent: str) -> list[Found]:
    """Return what comes near: of the intent first, then of all."""
    found = turn.world.faq.find(turn.text, turn.today, intent)
    return found + [one for one in turn.world.faq.find(turn.text, turn.today) if one not in found]


@step("faq: perhaps")
def perhaps(turn: Turn, found: Sequence[Found]) -> Response:
    """No entry answers this surely: show what comes near, claim nothing."""
    choices, snippets = _offered(turn, [one.entry for one in found])
    return reply(turn.conversation, f"{say('faq.perhaps')}\n{snippets}", *choices, PERSON_BUTTON)


@step("faq: opened")
def show(turn: Turn, entry_id: str) -> Response:
    """Show the entry that a button names."""
    entry = turn.world.knowledge.faq.get(entry_id)
    if entry is None or not entry.valid.holds(turn.today):
        return nothing_known(turn)
    return _said(turn, entry, [])


@step("faq: nothing known")
def nothing_known(turn: Turn) -> Response:
    """The field is ours, but the knowledge base has no sourced answer: say so and whom to ask."""
    return reply(turn.conversation, say("faq.nothing"), PERSON_BUTTON)


def nearest(turn: Turn) -> tuple[list[Choice], str]:
    """Return buttons for the entries whose words come closest, and a line of each that fits; nothing when none is close."""
    found = turn.world.faq.find(turn.text, turn.today)
    return _offered(turn, [one.entry for one in found if one.closeness >= NEAR])


def _offered(turn: Turn, entries: Sequence[Answer]) -> tuple[list[Choice], str]:
    best = entries[:MOST_RELATED]
    lines = [
        say("faq.snippet", question=entry.question[:40], snippet=snippet(entry.text, turn.text))
        for entry in best
    ]
    return [_open(entry) for entry in best], "\n".join(lines)


def _open(entry: Answer) -> Choice:
    return button(entry.question[:40], Verb.OPEN, entry.id)


def _said(turn: Turn, entry: Answer, related: list[Answer], choices: Sequence[Choice] = ()) -> Response:
    citations = tuple(str(citation) for citation in entry.citations)
    message = Outgoing(
        parts=(
            TextPart(text=f"{entry.question}\n{entry.text}"),
            CitationPart(citations=citations, as_of=format_day(turn.today)),
        ),
        choices=(
            *see_also(turn, entry),
            *choices,
            *(_open(other) for other in related),
            PERSON_BUTTON,
        ),
    )
    return Response(turn.conversation, (message,))
