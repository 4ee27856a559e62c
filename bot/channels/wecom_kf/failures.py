"""Messages that WeChat had taken and that did not arrive: sent elsewhere, or put before a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog

from bot.channels.wecom_kf.limits import FailType
from bot.channels.wecom_kf.updates import Failed
from bot.delivery.rerouting import reroute
from bot.handoff import undelivered
from store.messages import Channel
from store.records import AddressState, OutboxState
from store.transaction import Transaction

log = structlog.get_logger()

_WINDOW = (FailType.TOO_LATE, FailType.SESSION_CLOSED, FailType.TOO_MANY)


async def message_failed(
    tx: Transaction, failed: Failed, channels: Collection[Channel] | None, now: datetime
) -> None:
    """Record the failure, once, and let the message take the person's next way where there is one."""
    outbox_id = await tx.reply_windows.failed(failed.msgid, now)
    item = None if outbox_id is None else await tx.outbox.get(outbox_id)
    if item is None:
        return
    reason = f"WeChat did not deliver it: {failed.why.name.lower()}"
    log.warning("a message that was taken did not arrive", outbox_id=item.id, why=failed.why.name)
    if failed.why is FailType.REFUSED:
        await tx.people.set_address_state(item.channel, item.address, AddressState.BLOCKED)
    if failed.why in _WINDOW:
        await tx.reply_windows.close(item.channel, item.address)
    if item.channel is not Channel.WECOM_KF or item.state not in (OutboxState.SENT, OutboxState.PENDING):
        return
    if failed.why is FailType.REFUSED or failed.why in _WINDOW:
        state = await reroute(tx, item, reason, channels, now)
    else:
        state = OutboxState.INVALID
        await tx.outbox.bounced(item.id, state, reason)
    await undelivered.tell(tx, item, state, now)
