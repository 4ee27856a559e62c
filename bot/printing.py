"""An answer read from what was sent and set on paper: outside the transaction in which its message is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from bot.channels.received_text import clean_name
from bot.dialogue.topics.print_answer import PRINT, is_wish
from bot.dialogue.turn import say
from bot.pictures.drawing import in_turn
from store.messages import Action, CitationPart, DocumentPart, Incoming, Outgoing, TextPart, Verb
from store.records import OutboxItem, Person
from store.transaction import Transaction

log = structlog.get_logger()

MEDIA_TYPE = "application/pdf"
_LOOKED_AT = 60  # messages, among which the last answer is looked for


@dataclass(frozen=True, slots=True)
class AnswerToPrint:
    """What goes on the paper. `revision` is empty where the answer was not computed from rules."""

    messages: tuple[Outgoing, ...]
    answered_at: datetime
    question: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A PDF that is not kept yet; without `data` it could not be made."""

    filename: str
    data: bytes = b""


async def answer_to_print(
    tx: Transaction, person: Person, incoming: Incoming, action: Action | None
) -> AnswerToPrint | None:
    """Return the answer that the message wants on paper; None when it wants none, or when there is none yet."""
    pressed = action is not None and (action.verb, action.about) == (Verb.START, PRINT)
    if not pressed and not is_wish(incoming.text):
        return None
    sent = await tx.outbox.to_person(person.id, _LOOKED_AT)
    found = await _shown(tx, person, incoming) if pressed else _last_answer(sent)
    if found is None:
        return None
    # One turn may answer in several messages: a question about two patents does.
    together = [item for item in sent if item.inbox_id is not None and item.inbox_id == found.inbox_id]
    messages = tuple(item.content for item in together if _is_answer(item)) or (found.content,)
    recorded = [
        answer
        for answer in await tx.answers(person.as_asker()).of_person(person.id, _LOOKED_AT)
        if answer.inbox_id is not None and answer.inbox_id == found.inbox_id
    ]
    asked = await tx.inbox.get(found.inbox_id) if found.inbox_id is not None else None
    return AnswerToPrint(
        messages=messages,
        answered_at=found.created_at,
        question=recorded[0].question if recorded else asked.content.text if asked else "",
        revision=recorded[0].revision if recorded else "",
    )


async def set_on_paper(answer: AnswerToPrint, answered_on: date, now: datetime) -> PaperFile:
    """Return the PDF; one without data, which an operator is told, where it cannot be made."""
    # Imported when the first answer is printed: the library for fonts takes 25 MB that most processes never need.
    from bot.papers.answer import PrintedAnswer, answer_pdf, title_of

    filename = f"{clean_name(title_of(answer.messages)).replace('/', '-')[:40]}-{answered_on.isoformat()}.pdf"
    printed = PrintedAnswer(answer.messages, answered_on, answer.question, answer.revision)
    try:
        return PaperFile(filename, await in_turn(answer_pdf, printed, now))
    except Exception:
        log.exception("an answer could not be set on paper")
        return PaperFile(filename)


async def send_paper(tx: Transaction, person: Person, paper: PaperFile | None, now: datetime) -> Outgoing:
    """Keep the PDF as a file of the person and return the message that brings it, or that says why there is none."""
    if paper is None:
        return Outgoing.say(say("print.nothing"))
    if not paper.data:
        return Outgoing.say(say("print.failed"))
    kept = await tx.attachments(person.as_asker()).keep(
        paper.data, paper.filename, MEDIA_TYPE, person.id, now
    )
    document = DocumentPart(attachment_id=kept.id, filename=kept.filename, media_type=kept.media_type)
    return Outgoing(parts=(TextPart(text=say("print.made")), document))


async def _shown(tx: Transaction, person: Person, incoming: Incoming) -> OutboxItem | None:
    """Return the message that the pressed button stands under."""
    number = incoming.pressed.partition(":")[0]
    item = await tx.outbox.get(int(number)) if number.isdecimal() else None
    return item if item is not None and item.person_id == person.id else None


def _last_answer(sent: Sequence[OutboxItem]) -> OutboxItem | None:
    return next((item for item in reversed(sent) if _is_answer(item)), None)


def _is_answer(item: OutboxItem) -> bool:
    return item.edits_id is None and any(isinstance(part, CitationPart) for part in item.content.parts)
