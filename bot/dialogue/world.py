"""What one turn of the dialogue sees: the knowledge, the asker's own company, and what was just said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.dialogue.faq_index import FaqIndex
from bot.understanding.understand import Understood
from knowledge.loader import KnowledgeBase
from rules.deadlines.asset_import import Cell
from rules.facts import Facts
from store.messages import Action, Channel, IncomingKind, Outgoing
from store.records import Address, Asset, Person, StoredObligation


@dataclass(frozen=True, slots=True)
class Places:
    """Where the person is reached, where else they could be, and who else speaks for the company by their word."""

    addresses: tuple[Address, ...] = ()  # the one that is tried first before the others
    here: int | None = None  # the id of the one that this message came from
    offered: frozenset[Channel] = frozenset()  # channels of this installation that an owner can add
    reminders_wanted: bool = True
    settled: bool = True  # not bound a moment ago: what is hard to undo may be done from here
    let_in: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """The published knowledge and what is known of the asker's company. Nothing of any other company."""

    knowledge: KnowledgeBase
    faq: FaqIndex
    facts: Facts = field(default_factory=Facts)
    assets: tuple[Asset, ...] = ()
    obligations: tuple[StoredObligation, ...] = ()
    company_name: str = ""
    broadcasts_wanted: bool = True
    waiting_for_person: bool = False
    feed_links: bool = (
        False  # this installation has an address of its own, so that a calendar can follow a link
    )
    places: Places = Places()
    feed_since: date | None = None  # since when the present link of the company's calendar feed works


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a file that may be a list of rights, or why it could not be read.

    `kept` is what is told of a long list that was kept before its message is answered.
    """

    attachment_id: int
    filename: str
    rows: Sequence[Sequence[Cell]] = ()
    problem: str = ""
    kept: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the person. `action` is the meaning of a pressed button; `understood` of a text."""

    kind: IncomingKind
    text: str = ""
    understood: Understood | None = None
    action: Action | None = None
    attachment_id: int | None = None
    sheet: Sheet | None = None  # the file that was sent, or that the pressed button stands under
    stale_button: bool = False  # a button was pressed that this service no longer knows
    lead: str = ""  # what is said before the answer: the link that opened the chat
