"""Puts the parts together: what the service knows, how messages come in, are answered and go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.deep_links import Doors
from bot.delivery.delivery import Delivery
from bot.delivery.local import LocalSender
from bot.delivery.port import Sender
from bot.delivery.receipts import Settled
from bot.dialogue.faq_index import FaqIndex
from bot.handoff import flows, topics, undelivered
from bot.handoff.routing import AgencyProfile
from bot.mind import Mind
from bot.pipeline import Pipeline
from bot.understanding.second_opinion import SecondOpinion
from bot.understanding.understand import Understanding
from knowledge.loader import KnowledgeBase, read_texts
from knowledge.revisions import Revisions
from knowledge.service import Content, KnowledgeService, read_content
from scheduler.docket import AssetDocket
from store.database import Database
from store.messages import Channel

log = structlog.get_logger()
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant: the only clock of the service."""
    return datetime.now(UTC)


class Minds:
    """The knowledge and the trained model now in use; replaced as a whole when a revision is published."""

    def __init__(self, knowledge: KnowledgeBase, understanding: Understanding) -> None:
        self._mind = _mind(knowledge, understanding)
        self._understanding = understanding

    @classmethod
    def load(cls, knowledge_dir: Path, kept: Path | None = None) -> Minds:
        """Return what the content of a folder makes of it. Raises KnowledgeError."""
        return cls.of(read_content(read_texts(knowledge_dir)), kept)

    @classmethod
    def of(cls, content: Content, kept: Path | None = None) -> Minds:
        """Return what a published content makes of it. Trains for some seconds where `kept` has no model of it."""
        return cls(content.knowledge, Understanding.load(content.examples, kept=kept))

    def __call__(self) -> Mind:
        return self._mind

    def publish(self, knowledge: KnowledgeBase, understanding: Understanding | None = None) -> None:
        """Answer from this revision from now on, and read messages as `understanding` does where one is given."""
        self._understanding = understanding or self._understanding
        self._mind = _mind(knowledge, self._understanding)


def open_knowledge(folder: Path, revisions: Path, now: datetime) -> KnowledgeService:
    """Return the published knowledge, started. What is wrong with the folder is logged, line by line.

    Raises KnowledgeError when the folder is broken and nothing was published before.
    """
    service = KnowledgeService(folder, Revisions(revisions))
    service.start(now)
    for problem in service.problems:
        log.error("knowledge folder is broken; the last good revision answers", problem=str(problem))
    for path in service.clashes:
        log.warning("shipped content changed, and so did the desk's; the desk's is kept", file=path)
    return service


def _mind(knowledge: KnowledgeBase, understanding: Understanding) -> Mind:
    # Institutions that the sources only name take no cases.
    agencies: Sequence[AgencyProfile] = [
        agency for agency in knowledge.agencies.values() if agency.takes_cases
    ]
    return Mind(knowledge, FaqIndex.build(knowledge), understanding, agencies)


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out, and who wants to know what became of a message."""

    senders: Sequence[Sender]
    settled: Sequence[Settled] = ()


@dataclass(frozen=True)
class Service:
    """The conversation as it runs: one way in, one way out."""

    database: Database
    mind: Minds
    pipeline: Pipeline
    delivery: Delivery
    docket: AssetDocket
    clock: Clock

    @classmethod
    def build(
        cls,
        database: Database,
        minds: Minds,
        clock: Clock,
        open_channels: Callable[[Pipeline], Ways],
        reminder_hour: int = 9,
        base_url: str = "",
        second_opinion: SecondOpinion | None = None,
        doors: Doors | None = None,
    ) -> Service:
        """Return the service; `open_channels` is given the way in and returns the ways out.

        `base_url` is where links to this installation begin; without it none are given out. `second_opinion` is asked
        about messages that were not understood; whoever made it closes it. `doors` are how owners come in from outside.
        """

        def wake() -> None:
            delivery.wake()

        docket = AssetDocket(lambda: minds().knowledge.law, reminder_hour)
        pipeline = Pipeline(database, minds, docket, clock, wake, base_url, second_opinion, doors)
        ways = open_channels(pipeline)
        delivery = Delivery(
            database,
            ways.senders,
            clock,
            may_send=flows.may_send,
            rebind=lambda tx, item: topics.make_again(tx, item, clock()),
            settled=ways.settled,
            not_delivered=lambda tx, item, state: undelivered.tell(tx, item, state, clock()),
        )
        return cls(database, minds, pipeline, delivery, docket, clock)

    @classmethod
    def for_terminal(
        cls,
        database: Database,
        minds: Minds,
        clock: Clock,
        base_url: str = "",
        second_opinion: SecondOpinion | None = None,
        *,
        also: Iterable[Channel] = (),
        doors: Doors | None = None,
    ) -> Service:
        """Return the service without a server, for chat and transcripts: what is written to the terminal has arrived.

        So has what is written to the channels in `also`.
        """
        senders = [LocalSender(channel) for channel in (Channel.TERMINAL, *also)]
        return cls.build(
            database,
            minds,
            clock,
            lambda _: Ways(senders),
            base_url=base_url,
            second_opinion=second_opinion,
            doors=doors,
        )

    async def deliver(self) -> None:
        """Deliver all that is due now."""
        await self.delivery.deliver_due()
