"""What somebody of an agency said and the owner did not get: they are told where they said it, once, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bot.handoff import topics
from bot.handoff.letters import letter_key, tell_agency
from bot.handoff.promise import format_promise
from bot.handoff.wording import TEXTS
from store.asker import SYSTEM
from store.case_records import CaseEventKind
from store.case_topics import CaseTopic
from store.messages import Channel, Outgoing
from store.records import OutboxItem, OutboxState, Person

if TYPE_CHECKING:
    from store.transaction import Transaction

_SAID: Final[Mapping[OutboxState, str]] = {
    OutboxState.GONE: "not_reached",
    OutboxState.INVALID: "not_reached",
    OutboxState.UNKNOWN: "perhaps",
    OutboxState.REFUSED: "moved_on",
}


async def tell(tx: Transaction, item: OutboxItem, state: OutboxState, now: datetime) -> None:
    """Tell whoever said it that the message did not reach its owner, or may not have: in the case's topic and in their own chat.

    Nothing where the message is no person's words, or arrived. The line names no company.
    """
    if state not in _SAID or item.case_id is None or not item.content.speaker or item.edits_id is not None:
        return
    speaker = await _speaker(tx, item.case_id, item.dedupe_key)
    if speaker is None or speaker.agency_id is None:
        return
    text = TEXTS.say(
        f"undelivered.{_SAID[state]}",
        case=item.case_id,
        name=item.content.speaker,
        at=format_promise(item.created_at),
    )
    key = f"undelivered:{item.id}"
    topic = await _topic(tx, item.case_id, speaker.agency_id)
    if topic is not None:
        await topics.say(tx, topic, Outgoing.say(text), key, now)
    besides = () if topic is None else (Channel.TELEGRAM,)
    await tell_agency(tx, speaker.agency_id, text, key, now, only=speaker.id, besides=besides)


async def _topic(tx: Transaction, case_id: int, agency_id: str) -> CaseTopic | None:
    """Return the case's topic in the group that the agency uses now, or None."""
    group = await tx.agency_groups.of_agency(agency_id)
    topic = await tx.case_topics.of_case(case_id, agency_id)
    return topic if group is not None and topic is not None and topic.chat == group.chat else None


async def _speaker(tx: Transaction, case_id: int, key: str) -> Person | None:
    """Return who said what was written under the key."""
    for event in await tx.cases(SYSTEM).events(case_id):
        if event.kind is CaseEventKind.AGENT_SAID and letter_key(case_id, event.seq) == key:
            return None if event.person_id is None else await tx.people.person(event.person_id)
    return None
