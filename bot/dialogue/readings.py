"""What comes of reading a message as the answer to a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialogue.turn import Turn
from rules.errors import FactError
from rules.facts import FactDefinition, FactValue

SAID = "您说的"


@dataclass(frozen=True, slots=True)
class Given:
    """The fact as the person gave it."""

    fact: FactValue


@dataclass(frozen=True, slots=True)
class Declined:
    """不清楚: not asked again in this goal."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """It is meant as an answer, and this is what is wrong with it."""

    problem: str
    readings: tuple[date, ...] = ()  # the days it may mean, to choose from
    partly: str = ""  # what was said of a day that is not complete: the next message may complete it


Reading = Given | Declined | Unusable | None


def given(definition: FactDefinition, raw: object, turn: Turn) -> Given | Unusable:
    """Return `raw` as the answer, or what is wrong with it."""
    try:
        return Given(FactValue.read(definition, raw, source=SAID, day=turn.today))
    except FactError as error:
        return Unusable(str(error))
