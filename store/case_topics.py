"""The topic of each case in its agency's group, and how messages to it are addressed.

A message to a topic is addressed to our record of it (`chat:#record`), not to the vendor's number: a topic that is not
made yet, or was lost and is made again, keeps its address, and the order of what is to be said in it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.case_records import ACTIVE_STATES
from store.messages import Channel, Outgoing
from store.models import CaseRow, CaseTopicRow, OutboxRow
from store.records import OutboxState, Record

NAME_CHARACTERS = 128
_RECORD = "#"


class CaseTopic(Record):
    """One case's topic. `name` and `closed` are what it should be, `shown_…` what the vendor was last told."""

    id: int
    case_id: int
    agency_id: str
    chat: str
    thread: int | None
    name: str
    closed: bool
    shown_name: str
    shown_closed: bool
    card_id: int | None
    controls_id: int | None
    times_made: int

    @property
    def address(self) -> str:
        """Return where messages to it go."""
        return f"{self.chat}:{_RECORD}{self.id}"


def record_of(address: str) -> int | None:
    """Return the topic's record that an address names; None for a chat, or a vendor's own number."""
    _, _, topic = address.partition(":")
    number = topic.removeprefix(_RECORD)
    return int(number) if topic.startswith(_RECORD) and number.isdecimal() else None


class CaseTopics:
    """Keeps the topics."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, case_id: int, agency_id: str, chat: str, name: str, now: datetime) -> CaseTopic:
        """Return the case's topic with this agency: a new one, not yet made, or the one it had before, opened again."""
        row = await self._session.scalar(
            select(CaseTopicRow).where(CaseTopicRow.case_id == case_id, CaseTopicRow.agency_id == agency_id)
        )
        if row is None:
            row = CaseTopicRow(case_id=case_id, agency_id=agency_id, chat=chat, created_at=now)
            self._session.add(row)
        elif row.chat != chat:
            _begin_anew(row, chat)
        row.name = name[:NAME_CHARACTERS]
        row.closed = False
        await self._session.flush()
        return CaseTopic.model_validate(row)

    async def of_case(self, case_id: int, agency_id: str | None) -> CaseTopic | None:
        """Return the case's topic with the agency, or None."""
        return await self._one(CaseTopicRow.case_id == case_id, CaseTopicRow.agency_id == agency_id)

    async def get(self, topic_id: int) -> CaseTopic | None:
        """Return one topic, or None."""
        return await self._one(CaseTopicRow.id == topic_id)

    async def at(self, chat: str, thread: int) -> CaseTopic | None:
        """Return the topic that the vendor knows by this number in the chat, or None."""
        return await self._one(CaseTopicRow.chat == chat, CaseTopicRow.thread == thread)

    async def of_agency_open(self, agency_id: str) -> list[CaseTopic]:
        """Return the agency's topics of cases that have not ended and are before it."""
        rows = await self._session.scalars(
            select(CaseTopicRow)
            .join(CaseRow, CaseRow.id == CaseTopicRow.case_id)
            .where(
                CaseTopicRow.agency_id == agency_id,
                CaseRow.agency_id == agency_id,
                CaseRow.state.in_(ACTIVE_STATES),
            )
            .order_by(CaseTopicRow.id)
        )
        return [CaseTopic.model_validate(row) for row in rows]

    async def become(self, topic_id: int, name: str, *, closed: bool) -> None:
        """Say what the topic should be called, and whether it is closed; its sender tells the vendor."""
        await self._set(topic_id, name=name[:NAME_CHARACTERS], closed=closed)

    async def card(self, topic_id: int, outbox_id: int) -> None:
        """Record which message is the topic's first; its buttons act on the case."""
        await self._set(topic_id, card_id=outbox_id, controls_id=outbox_id)

    async def controls(self, topic_id: int, outbox_id: int | None) -> None:
        """Record which message's buttons act on the case now."""
        await self._set(topic_id, controls_id=outbox_id)

    async def made(self, topic_id: int, thread: int, name: str) -> None:
        """Record the number that the vendor gave to the new topic, and the name it was made with."""
        await self._session.execute(
            update(CaseTopicRow)
            .where(CaseTopicRow.id == topic_id)
            .values(
                thread=thread,
                shown_name=name,
                shown_closed=False,
                times_made=CaseTopicRow.times_made + 1,
            )
        )

    async def named(self, topic_id: int, name: str) -> None:
        """Record the name that the vendor was told."""
        await self._set(topic_id, shown_name=name)

    async def shut(self, topic_id: int, *, closed: bool) -> None:
        """Record that the vendor was told to close the topic, or to open it again."""
        await self._set(topic_id, shown_closed=closed)

    async def begin_anew(self, topic: CaseTopic, chat: str, card: Outgoing, now: datetime) -> CaseTopic:
        """Return the topic to be made again in `chat`: its card first, then what was not delivered, in order.

        The card's own row is sent again, so that it comes before every line that waits. It shows how the case stands
        now: older changes of it are taken back.
        """
        row = await self._session.get(CaseTopicRow, topic.id)
        assert row is not None
        old = topic.address
        _begin_anew(row, chat)
        row.controls_id = row.card_id
        await self._session.flush()
        again = CaseTopic.model_validate(row)
        here = (OutboxRow.channel == Channel.TELEGRAM_FORUM, OutboxRow.address == old)
        await self._session.execute(
            update(OutboxRow)
            .where(*here, OutboxRow.state.in_((OutboxState.PENDING, OutboxState.SENDING)))
            .values(address=again.address, vendor_id="")
        )
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.edits_id == topic.card_id, OutboxRow.state == OutboxState.PENDING)
            .values(state=OutboxState.CANCELLED)
        )
        await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.id == topic.card_id,
                OutboxRow.state.not_in((OutboxState.SENDING, OutboxState.PENDING)),
            )
            .values(
                address=again.address,
                content=card.model_dump(mode="json"),
                state=OutboxState.PENDING,
                not_before=now,
                attempts=0,
                vendor_id="",
                sent_at=None,
                error="sent again into a topic made again",
            )
        )
        return again

    async def _one(self, *conditions: object) -> CaseTopic | None:
        row = await self._session.scalar(
            select(CaseTopicRow)
            .where(*conditions)  # type: ignore[arg-type]
            .execution_options(populate_existing=True)
        )
        return None if row is None else CaseTopic.model_validate(row)

    async def _set(self, topic_id: int, **values: object) -> None:
        await self._session.execute(update(CaseTopicRow).where(CaseTopicRow.id == topic_id).values(**values))


def _begin_anew(row: CaseTopicRow, chat: str) -> None:
    row.chat = chat
    row.thread = None
    row.shown_name = ""
    row.shown_closed = False
