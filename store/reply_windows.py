"""Vendors that let us write only for some time after a person wrote, and so many messages: counted before the call.

The rule itself stands in `store.reach.RULES`. A message of several pieces is several calls, so calls are counted here,
not messages.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.messages import Channel
from store.models import AddressRow, WindowCallRow
from store.reach import RULES


class ReplyWindows:
    """The calls of all reply windows."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def left(self, channel: Channel, address: str, now: datetime) -> int:
        """Return how many calls the address takes now: none when the window has closed or was never open."""
        rule = RULES[channel]
        if rule.window is None or rule.messages is None:
            raise ValueError(f"{channel} has no reply window")
        heard = await self._session.scalar(
            select(AddressRow.last_heard_at)
            .where(AddressRow.channel == channel, AddressRow.address == address)
            .with_for_update()
        )
        if heard is None or now >= heard + rule.window:
            return 0
        made = await self._session.scalar(
            select(func.count())
            .select_from(WindowCallRow)
            .where(
                WindowCallRow.channel == channel, WindowCallRow.address == address, WindowCallRow.at >= heard
            )
        )
        return max(rule.messages - (made or 0), 0)

    async def take(
        self, msgid: str, outbox_id: int, channel: Channel, address: str, calls_needed: int, now: datetime
    ) -> bool:
        """Count the call and return True, or count nothing and return False when the window has no room.

        Room is asked for `calls_needed`, so that no message is begun that cannot be ended. The same `msgid` again is
        the same call: the vendor knows it by that id.
        """
        if await self._session.get(WindowCallRow, msgid) is not None:
            return True
        if await self.left(channel, address, now) < calls_needed:
            return False
        self._session.add(
            WindowCallRow(msgid=msgid, outbox_id=outbox_id, channel=channel, address=address, at=now)
        )
        await self._session.flush()
        return True

    async def begin(self, msgid: str, outbox_id: int, channel: Channel, address: str, now: datetime) -> bool:
        """Note a call that needs no room in a window; return False when it was begun before and never given back."""
        if await self._session.get(WindowCallRow, msgid) is not None:
            return False
        self._session.add(
            WindowCallRow(msgid=msgid, outbox_id=outbox_id, channel=channel, address=address, at=now)
        )
        await self._session.flush()
        return True

    async def give_back(self, msgid: str) -> None:
        """Forget a call that the vendor refused: it used nothing up, and its id may be used again."""
        await self._session.execute(delete(WindowCallRow).where(WindowCallRow.msgid == msgid))

    async def close(self, channel: Channel, address: str) -> None:
        """The vendor says that the window is closed, whatever we counted: nothing is sent until the person writes."""
        await self._session.execute(
            update(AddressRow)
            .where(AddressRow.channel == channel, AddressRow.address == address)
            .values(last_heard_at=None)
        )

    async def failed(self, msgid: str, now: datetime) -> int | None:
        """Record that a call which the vendor had taken failed later; return its outbox id, None when told already."""
        return await self._session.scalar(
            update(WindowCallRow)
            .where(WindowCallRow.msgid == msgid, WindowCallRow.failed_at.is_(None))
            .values(failed_at=now)
            .returning(WindowCallRow.outbox_id)
        )

    async def failures(self, outbox_id: int) -> int:
        """Return how many calls for the message failed after they were taken: a new try needs new ids."""
        query = select(func.count()).where(
            WindowCallRow.outbox_id == outbox_id, WindowCallRow.failed_at.is_not(None)
        )
        return await self._session.scalar(query) or 0
