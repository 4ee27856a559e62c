"""What one turn of the dialogue sees: the knowledge, the asker's own company, and what was just said."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialogue.faq_index import FaqIndex
from bot.understanding.understand import Understood
from knowledge.loader import KnowledgeBase
from rules.facts import Facts
from store.messages import Action, IncomingKind
from store.records import Asset, StoredObligation


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


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the person. `action` is the meaning of a pressed button; `understood` of a text."""

    kind: IncomingKind
    text: str = ""
    understood: Understood | None = None
    action: Action | None = None
    attachment_id: int | None = None
    stale_button: bool = False  # a button was pressed that this service no longer knows
