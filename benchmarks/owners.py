"""A hundred owners who chat at once: from the moment a message is there until the vendor has taken its answer.

Every owner plays whole conversations of `tests/transcripts`, one after the other; buttons are typed. The whole service
answers: stored, understood, answered, written to the outbox, delivered by the real Telegram sender to a local server.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle
from pathlib import Path

from app.transcripts.form import read_transcripts
from app.wiring import Minds, Service, Ways, utc_now
from bot.channels.telegram.settings import TelegramSettings
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.records import OutboxItem, OutboxState
from tests.e2e.counting_bot_api import TOKEN, counting_bot_api
from tests.e2e.delivering_process import Lifted

TRANSCRIPTS = ("annuity", "subsidy", "talk")
LONGEST_WAIT = 60.0
FOLDER = Path(__file__).resolve().parents[1] / "tests" / "transcripts"


@dataclass(frozen=True)
class Waits:
    """How long owners waited, in milliseconds."""

    milliseconds: Sequence[float]
    seconds: float

    def percentile(self, of: int) -> float:
        """Return the wait that `of` of a hundred do not exceed."""
        return statistics.quantiles(self.milliseconds, n=100)[of - 1]

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return len(self.milliseconds) / self.seconds


@dataclass
class Owner:
    """One who writes, waits for the first message of the answer, thinks, and writes again."""

    address: str
    said: Iterator[str]
    answered: int = 0  # the last message of theirs that an answer came to
    came: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0

    async def ask(self, service: Service) -> float:
        """Return the milliseconds until the answer was there."""
        self.came.clear()
        self.sent += 1
        text = next(self.said)
        began = time.perf_counter()
        await service.pipeline.receive(
            Incoming(
                channel=Channel.TELEGRAM,
                address=self.address,
                update_id=f"{self.address}:{self.sent}",
                kind=IncomingKind.TEXT,
                received_at=utc_now(),
                text=text,
            )
        )
        try:
            await asyncio.wait_for(self.came.wait(), LONGEST_WAIT)
        except TimeoutError:
            raise SystemExit(f"no answer to {text!r} within {LONGEST_WAIT:.0f} seconds") from None
        return (time.perf_counter() - began) * 1000

    def settled(self, item: OutboxItem, state: OutboxState) -> None:
        """See an answer arrive; further messages of the same answer are no new one."""
        if state is OutboxState.SENT and (item.inbox_id or 0) > self.answered:
            self.answered = item.inbox_id or 0
            self.came.set()


def conversations() -> list[list[str]]:
    """Return what people say in the transcripts, one list a conversation."""
    found = [one for name in TRANSCRIPTS for one in read_transcripts(FOLDER / f"{name}.yaml")]
    said = [[step.user or step.press or "" for step in one.steps] for one in found]
    return [words for one in said if (words := [text for text in one if text])]


def _playing(talks: list[list[str]]) -> Iterator[str]:
    return cycle(list(chain.from_iterable(talks)))


async def chat(url: str, minds: Minds, owners: int, seconds: float, think: tuple[float, float]) -> Waits:
    """Return how long the owners waited, each thinking for so many seconds between two messages."""
    database = Database(url)
    await database.migrate()
    talks = conversations()
    chance = random.Random(100)
    people = {
        str(5000 + number): Owner(str(5000 + number), _playing(chance.sample(talks, len(talks))))
        for number in range(owners)
    }

    def settled(item: OutboxItem, state: OutboxState) -> None:
        people[item.address].settled(item, state)

    with counting_bot_api() as api:
        sender = Lifted(TelegramSettings(TOKEN, api), database)
        service = Service.build(database, minds, utc_now, lambda _: Ways([sender], [settled]))
        delivering = asyncio.create_task(service.delivery.run())
        for (
            owner
        ) in people.values():  # who they are is known, and everything has been loaded, before it counts
            await owner.ask(service)
        waits: list[float] = []
        end = time.perf_counter() + seconds

        async def talk(owner: Owner) -> None:
            await asyncio.sleep(chance.uniform(0, think[1]))
            while time.perf_counter() < end:
                waits.append(await owner.ask(service))
                await asyncio.sleep(chance.uniform(*think))

        began = time.perf_counter()
        await asyncio.gather(*(talk(owner) for owner in people.values()))
        took = time.perf_counter() - began
        await service.pipeline.idle()
        service.delivery.stop()
        await delivering
        await sender.close()
    await database.close()
    return Waits(waits, took)
