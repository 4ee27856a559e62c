"""Who may be written to first, when and how often: one table for all channels, and the address it leads to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.messages import Channel
from store.models import AddressRow, OutboxRow, WindowCallRow
from store.records import Address, AddressState, OutboxState


class First(StrEnum):
    """Whether we may write without having been written to."""

    ALWAYS = "always"  # until the person blocks us or the address proves wrong
    WINDOW = "window"  # for some time after they wrote, and so many messages
    WAITS = "waits"  # the message is kept and shown when the person next opens our page
    NEVER = "never"  # not a way to one person


@dataclass(frozen=True, slots=True)
class WritingRule:
    """What a channel allows. `source` says where that stands."""

    first: First
    source: str
    window: timedelta | None = None
    messages: int | None = None


RULES: Mapping[Channel, WritingRule] = {
    Channel.TELEGRAM: WritingRule(
        First.ALWAYS, "Telegram Bot API: a user who started the bot, until they block it"
    ),
    Channel.EMAIL: WritingRule(First.ALWAYS, "SMTP"),
    Channel.WECOM: WritingRule(First.ALWAYS, "WeCom application messages to members of the corporation"),
    Channel.WECOM_KF: WritingRule(
        First.WINDOW,
        "WeChat customer service, send_msg: within 48 hours of the customer's last message, 5 messages",
        timedelta(hours=48),
        5,
    ),
    Channel.WEB: WritingRule(First.WAITS, "our page: seen when it is opened"),
    Channel.TERMINAL: WritingRule(First.WAITS, "zhituo chat: seen when it is started"),
    Channel.DESK: WritingRule(First.WAITS, "the desk: seen when it is opened"),
    Channel.TELEGRAM_FORUM: WritingRule(First.NEVER, "an agency's group, not a person"),
}
# What counts against a window: everything that left or is still to leave.
_COUNTED = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.SENT, OutboxState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where to write. `sure` is False where the message only waits until the person looks."""

    address: Address
    sure: bool


def off(channels_on: Collection[Channel] | None) -> frozenset[Channel]:
    """Return the channels by which nothing leaves; none for None. Where a message waits to be looked at nothing need."""
    if channels_on is None:
        return frozenset()
    return frozenset(
        channel
        for channel in Channel
        if channel not in channels_on and RULES[channel].first is not First.WAITS
    )


def may_write(address: Address, sent_since_heard: int, now: datetime) -> bool:
    """Return whether the address may be written to now. Pure; `sent_since_heard` counts towards a window."""
    rule = RULES[address.channel]
    if address.state is not AddressState.ACTIVE or rule.first is First.NEVER:
        return False
    if rule.first is not First.WINDOW:
        return True
    if address.last_heard_at is None or rule.window is None or rule.messages is None:
        return False
    return now < address.last_heard_at + rule.window and sent_since_heard < rule.messages


def choose(
    addresses: Sequence[Address], sent_since_heard: Mapping[int, int], now: datetime
) -> Reached | None:
    """Return the first address, in the person's own order, that may be written to now.

    Places where a message only waits to be looked at come after all others. None when there is no place at all.
    """
    waiting: Address | None = None
    for address in addresses:
        if not may_write(address, sent_since_heard.get(address.id, 0), now):
            continue
        if RULES[address.channel].first is not First.WAITS:
            return Reached(address, sure=True)
        waiting = waiting or address
    return None if waiting is None else Reached(waiting, sure=False)


class Reach:
    """Finds where people may be written to now."""

    def __init__(self, session: AsyncSession, channels_on: Collection[Channel] | None = None) -> None:
        self._session = session
        self._off = off(channels_on)

    async def of(
        self,
        person_id: int,
        now: datetime,
        *,
        besides: tuple[Channel, str] | None = None,
        among: Collection[Channel] | None = None,
    ) -> Reached | None:
        """Return where the person may be written to now, or None.

        `besides` is an address that has just been found not to take a message; `among` are the channels that are on.
        """
        rows = await self._session.scalars(
            select(AddressRow)
            .where(AddressRow.person_id == person_id)
            .order_by(AddressRow.seq, AddressRow.id)
        )
        addresses = [
            Address.model_validate(row)
            for row in rows
            if (row.channel, row.address) != besides
            and row.channel not in self._off
            and (among is None or row.channel in among)
        ]
        return choose(addresses, await self._sent_since_heard(addresses), now)

    async def _sent_since_heard(self, addresses: Sequence[Address]) -> dict[int, int]:
        return {
            address.id: await self._calls(address) + await self._uncalled(address)
            for address in addresses
            if RULES[address.channel].first is First.WINDOW and address.last_heard_at is not None
        }

    async def _calls(self, address: Address) -> int:
        """Return how many calls were made since the person wrote: a message of several pieces is several."""
        query = (
            select(func.count())
            .select_from(WindowCallRow)
            .where(
                WindowCallRow.channel == address.channel,
                WindowCallRow.address == address.address,
                WindowCallRow.at >= address.last_heard_at,
            )
        )
        return await self._session.scalar(query) or 0

    async def _uncalled(self, address: Address) -> int:
        """Return how many messages were written since the person wrote and are not among the calls."""
        called = select(WindowCallRow.outbox_id).where(WindowCallRow.outbox_id == OutboxRow.id).exists()
        query = (
            select(func.count())
            .select_from(OutboxRow)
            .where(
                OutboxRow.channel == address.channel,
                OutboxRow.address == address.address,
                OutboxRow.state.in_(_COUNTED),
                OutboxRow.created_at >= address.last_heard_at,
                ~called,
            )
        )
        return await self._session.scalar(query) or 0
