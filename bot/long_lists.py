"""A long list of rights: kept in several transactions, so that nobody else waits for it; told as kept only when all of it is.

Killed in the middle, what was kept stays and the message is still unanswered: at the next start the rest is kept and told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.dialogue.conversation import Conversation
from bot.dialogue.effects import KeepAssets
from bot.dialogue.respond import respond
from bot.dialogue.topics.asset_list import KEEP
from bot.dialogue.turn import PERSON_BUTTON, say
from bot.dialogue.world import Heard, Sheet, World
from bot.docket_effects import BATCH, DocketAll, KeptList, keep_some, told_of
from store.database import Database
from store.errors import ChangedMeanwhileError
from store.messages import Outgoing, Verb
from store.outbox import Letter
from store.records import InboxItem, InboxState, Person
from store.transaction import Transaction

WORKING = "working"  # names the message that says that a list is being kept


class LongListFirstError(Exception):
    """The answer keeps a list that is too long for one transaction: it is kept first, and the answer written anew."""

    def __init__(self, person: Person, heard: Heard, sheet: Sheet) -> None:
        super().__init__(f"a list of {len(sheet.rows)} rows for person {person.id}")
        self.person = person
        self.heard = heard
        self.sheet = sheet


@dataclass(frozen=True, slots=True)
class KeepingLists:
    """What keeping a list takes: where, how what is due is computed, and what is done once the first part is written."""

    database: Database
    docket_all: DocketAll
    on_written: Callable[[], None]


def check_length(person: Person, heard: Heard) -> None:
    """Raise LongListFirstError where 全部登记 was said of a list that is long and not kept yet."""
    action, sheet = heard.action, heard.sheet
    confirmed = action is not None and (action.verb, action.about) == (Verb.CONFIRM, KEEP)
    if confirmed and sheet is not None and sheet.kept is None and len(sheet.rows) > BATCH:
        raise LongListFirstError(person, heard, sheet)


async def keep_long_list(
    at: KeepingLists,
    item: InboxItem,
    wanted: LongListFirstError,
    world: World,
    working: Callable[[Outgoing], Letter],
    today: date,
    now: datetime,
) -> Sheet:
    """Keep the list and return it with what is told of it; one in which nothing is new with that.

    Raises ChangedMeanwhileError when the message was answered by somebody else meanwhile, or its writer is no longer of
    the company.
    """
    response = respond(Conversation(), wanted.heard, world, today)
    effect = next((each for each in response.effects if isinstance(each, KeepAssets)), None)
    if effect is None:
        return replace(wanted.sheet, kept=response.replies[0])
    kept = KeptList()
    for first in range(0, len(effect.assets), BATCH):
        async with at.database.transaction() as tx:
            person = await _still_asked(tx, item, wanted.person)
            if first == 0:
                said = say("list.working", count=len(effect.assets))
                await tx.outbox.write(working(Outgoing.say(said)), now)
            some = effect.assets[first : first + BATCH]
            await keep_some(tx, person, kept, some, at.docket_all, today, now)
        at.on_written()
    return replace(wanted.sheet, kept=told_of(kept, effect.same, today))


async def _still_asked(tx: Transaction, item: InboxItem, asked: Person) -> Person:
    await tx.speakers.hold(asked.id)
    person = await tx.people.person(asked.id)
    waiting = await tx.inbox.get(item.id)
    if waiting is None or waiting.state is not InboxState.WAITING or person.company_id != asked.company_id:
        raise ChangedMeanwhileError(f"message {item.id}")
    return person


def half_kept() -> Outgoing:
    """Return what a person is told whose list could not be kept whole."""
    return Outgoing.say(say("list.half_kept"), PERSON_BUTTON)
