"""What the desk is given by whoever starts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.deep_links import Doors
from desk.editorial import Editorial
from desk.unsent import Unsent
from knowledge.base import KnowledgeBase
from rules.days import NINGBO
from store.database import Database


@dataclass(frozen=True, slots=True)
class DeskDeps:
    """`knowledge` returns the published revision, `clock` the present instant, `wake` starts delivery at once.

    `editorial` is None where the content is not edited: without a file that all processes share. `doors` are how
    owners come in from outside. `unsent` holds replies half written.
    """

    database: Database
    knowledge: Callable[[], KnowledgeBase]
    clock: Callable[[], datetime]
    wake: Callable[[], None]
    editorial: Editorial | None = None
    doors: Doors = field(default_factory=Doors)
    unsent: Unsent = field(default_factory=Unsent)

    def today(self) -> date:
        """Return the day in Ningbo."""
        return self.clock().astimezone(NINGBO).date()

    def agency_name(self, agency_id: str | None) -> str:
        """Return the agency's name, its id where the knowledge base no longer has it, empty for None."""
        if agency_id is None:
            return ""
        agency = self.knowledge().agencies.get(agency_id)
        return agency_id if agency is None else agency.name
