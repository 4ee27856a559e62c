"""Guides: checklists, steps, forms and history to read, each part with its source; part by part where they are long."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue.steps import step
from bot.dialogue.topics.print_answer import with_button
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, button, say
from knowledge.forms import Guide, Section
from rules.days import format_day
from store.messages import CitationPart, Outgoing, Part, TextPart, Verb

MOST_CITATIONS = 12
SEPARATOR = "#"
LONGEST = 700
"""Characters that are read on one screen; a longer guide is opened part by part."""


@step("guide: opened")
def show(turn: Turn, name: str) -> Response | None:
    """Show the guide that a button names, or one part of it (`id#section`); None when there is no such guide."""
    guide_id, _, section_id = name.partition(SEPARATOR)
    guide = turn.world.knowledge.guides.get(guide_id)
    if guide is None:
        return None
    chosen = [section for section in guide.sections if section.id == section_id]
    if (
        not chosen
        and not guide.download
        and sum(len(_words(section)) for section in guide.sections) > LONGEST
    ):
        return _contents(turn, guide)
    message = Outgoing(parts=_parts(turn, guide, chosen or guide.sections), choices=(PERSON_BUTTON,))
    return Response(turn.conversation, (with_button(message) if guide.download else message,))


@step("guide: contents")
def _contents(turn: Turn, guide: Guide) -> Response:
    parts = (TextPart(text=f"{_head(guide)}\n{say('guide.choose')}"), _cited(turn, guide.sections))
    sections = [
        button(section.title, Verb.OPEN, f"{guide.id}{SEPARATOR}{section.id}") for section in guide.sections
    ]
    message = Outgoing(parts=parts, choices=(*sections, PERSON_BUTTON))
    return Response(turn.conversation, (message,))


def _parts(turn: Turn, guide: Guide, sections: Sequence[Section]) -> tuple[Part, ...]:
    texts = [_head(guide), *(_words(section) for section in sections)]
    return (*(TextPart(text=text) for text in texts), _cited(turn, sections))


def _head(guide: Guide) -> str:
    lead = say("guide.historic", title=guide.title) if guide.historic else guide.title
    return "\n".join(part for part in (lead, guide.summary) if part)


def _words(section: Section) -> str:
    items = [say("guide.item", item=item) for item in section.items]
    return "\n".join(part for part in (section.title, section.text, *items) if part)


def _cited(turn: Turn, sections: Sequence[Section]) -> CitationPart:
    cited = [name for section in sections for name in section.cite]
    shown = dict.fromkeys(str(citation) for citation in turn.world.knowledge.citations(cited))
    return CitationPart(citations=tuple(shown)[:MOST_CITATIONS], as_of=format_day(turn.today))
