"""The port of a second opinion: somebody who may choose among our own intents when the model abstains. Off by default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.understanding.intents import Intent
from bot.understanding.understand import Understood, Verdict


class SecondOpinion(Protocol):
    """Chooses among the likeliest intents of a message that was not understood.

    Whatever happens behind it, it returns in a few seconds, raises nothing, and says only an intent that was offered.
    """

    async def choose(self, understood: Understood, today: date) -> Intent | None:
        """Return which of the offered intents is meant; None when the model was sure, or no usable choice came in time.

        `today` is the message's day in Asia/Shanghai.
        """

    async def close(self) -> None:
        """Give back the connections."""


def offered(understood: Understood) -> Sequence[Intent]:
    """Return what may be chosen: the nearest intents, best first; none when the model was sure or nothing was said."""
    if understood.verdict is Verdict.ANSWER or not understood.text:
        return ()
    return [intent for intent, _ in understood.alternatives]


class FixedOpinion:
    """In memory, for tests and trials: always means the same intent."""

    def __init__(self, meant: Intent | None) -> None:
        self._meant = meant
        self.asked: list[str] = []

    async def choose(self, understood: Understood, today: date) -> Intent | None:
        """Return the intent meant when it is offered."""
        choices = offered(understood)
        if not choices:
            return None
        self.asked.append(understood.text)
        return self._meant if self._meant in choices else None

    async def close(self) -> None:
        """Hold no connection."""
