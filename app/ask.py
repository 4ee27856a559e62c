"""One answer, without a server and without keeping anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import typer

from app.wiring import Minds, utc_now
from bot.dialogue.conversation import Conversation
from bot.dialogue.respond import respond
from bot.dialogue.world import Heard, World
from rules.days import NINGBO
from store.messages import CitationPart, IncomingKind


def answer_once(
    text: str, knowledge_dir: Path, today: str | None, kept: Path | None = None
) -> dict[str, Any]:
    """Return the answer to a first message: intent, text, choices, citations, day and revision."""
    day = _day(today)
    mind = Minds.load(knowledge_dir, kept)()
    understood = mind.understanding.understand(text, day) if text.strip() else None
    heard = Heard(kind=IncomingKind.TEXT, text=text, understood=understood)
    response = respond(Conversation(), heard, World(mind.knowledge, mind.faq), day)
    citations = [
        citation
        for reply in response.replies
        for part in reply.parts
        if isinstance(part, CitationPart)
        for citation in part.citations
    ]
    return {
        "question": text,
        "intent": response.conversation.last_intent,
        "confidence": round(understood.confidence, 3) if understood else 0.0,
        "text": "\n\n".join(reply.plain_text() for reply in response.replies),
        "choices": [choice.text for reply in response.replies for choice in reply.choices],
        "citations": list(dict.fromkeys(citations)),
        "as_of": day.isoformat(),
        "revision": mind.knowledge.hash,
    }


def _day(today: str | None) -> date:
    if today is None:
        return utc_now().astimezone(NINGBO).date()
    try:
        return date.fromisoformat(today)
    except ValueError:
        raise typer.BadParameter(f"{today!r} is no day; write YYYY-MM-DD", param_hint="--today") from None
