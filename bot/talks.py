"""A talk as it is kept between two messages: read, and begun anew where it cannot be gone on with."""

from __future__ import annotations

from datetime import date

import structlog
from pydantic import ValidationError

from bot.dialogue.conversation import Conversation
from bot.dialogue.respond import respond
from bot.dialogue.turn import Response
from bot.dialogue.world import Heard, World
from store.records import ConversationRecord
from store.unreadable import named_fields

log = structlog.get_logger()


def conversation_of(stored: ConversationRecord | None) -> Conversation:
    """Return where the talk stands. It begins anew where it cannot be read; what is known of the company stands elsewhere."""
    if stored is None:
        return Conversation()
    try:
        return Conversation.model_validate(stored.state)
    except ValidationError as error:
        log.error("a talk cannot be read: it begins anew", talk=stored.id, error=named_fields(error))
        return Conversation()


def respond_or_begin_anew(
    stored: ConversationRecord, conversation: Conversation, heard: Heard, world: World, today: date
) -> Response:
    """Return the answer. Where a talk that an older version left cannot be gone on with, it begins anew."""
    try:
        return respond(conversation, heard, world, today)
    except Exception:
        if conversation == Conversation():
            raise
        log.exception("a talk cannot be gone on with: it begins anew", talk=stored.id)
        return respond(Conversation(), heard, world, today)
