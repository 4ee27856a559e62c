"""Guides: checklists, steps and forms to read; shown whole, each part with its source."""

from __future__ import annotations

from bot.dialogue.steps import step
from bot.dialogue.topics.print_answer import with_button
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, say
from knowledge.forms import Guide
from rules.days import format_day
from store.messages import CitationPart, Outgoing, Part, TextPart

MOST_CITATIONS = 12


@step("guide: opened")
def show(turn: Turn, guide_id: str) -> Response | None:
    """Show the guide that a button names; None when there is no guide of this name."""
    guide = turn.world.knowledge.guides.get(guide_id)
    if guide is None:
        return None
    message = Outgoing(parts=_parts(turn, guide), choices=(PERSON_BUTTON,))
    return Response(turn.conversation, (with_button(message) if guide.download else message,))


def _parts(turn: Turn, guide: Guide) -> tuple[Part, ...]:
    lead = say("guide.historic", title=guide.title) if guide.historic else guide.title
    texts = ["\n".join(part for part in (lead, guide.summary) if part)]
    for section in guide.sections:
        items = [say("guide.item", item=item) for item in section.items]
        texts.append("\n".join(part for part in (section.title, section.text, *items) if part))
    cited = [name for section in guide.sections for name in section.cite]
    shown = dict.fromkeys(str(citation) for citation in turn.world.knowledge.citations(cited))
    citations = CitationPart(citations=tuple(shown)[:MOST_CITATIONS], as_of=format_day(turn.today))
    return (*(TextPart(text=text) for text in texts), citations)
