"""How much the page takes at once. All numbers are ours: nobody who types reaches them, a script does at once."""

from __future__ import annotations

import ipaddress
import math
from datetime import datetime, timedelta

from bot.channels.texts import TEXTS
from bot.channels.web.refusal import Refusal
from store.limits import Window
from store.records import Person
from store.transaction import Transaction

# Messages and presses of one visitor: one every three seconds for a whole minute.
MESSAGES = 20
MESSAGES_PERIOD = timedelta(minutes=1)
# Files of one visitor: each may be 10 MB, and is kept.
FILES = 12
FILES_PERIOD = timedelta(minutes=10)
# Visitors not seen before, from one address: a whole office, or a mobile network, may stand behind one.
NEW_VISITORS = 60
NEW_VISITORS_PERIOD = timedelta(minutes=10)
# Pages of one visitor that are read at once: each looks into the database by itself. One more ends the oldest, which a
# telephone that lost its network may have left behind.
OPEN_PAGES = 20
# Of an IPv6 address only the network is one customer's.
_CUSTOMER_BITS = 64


async def require_calm(tx: Transaction, person: Person, now: datetime) -> None:
    """Raise Refusal where the visitor has sent as many messages as the page takes in a while."""
    earliest = await tx.inbox.received_at(person.id, MESSAGES)
    if earliest is not None and earliest + MESSAGES_PERIOD > now:
        raise _too_fast("web.too_fast", earliest + MESSAGES_PERIOD, now)


async def count_file(tx: Transaction, person: Person, now: datetime) -> None:
    """Count a file of the visitor. Raises Refusal where it is one too many."""
    await _count(tx, Window(f"web-files:{person.id}", FILES, FILES_PERIOD), "web.too_many_files", now)


async def count_new_visitor(tx: Transaction, host: str, now: datetime) -> None:
    """Count a visitor not seen before from a network address. Raises Refusal where it is one too many."""
    window = Window(f"web-visitors:{_customer(host)}", NEW_VISITORS, NEW_VISITORS_PERIOD)
    await _count(tx, window, "web.too_many_visitors", now)


async def _count(tx: Transaction, window: Window, sentence: str, now: datetime) -> None:
    await tx.limits.lock([window.scope])
    free = await tx.limits.free_at(window, now, bulk=False)
    if free > now:
        raise _too_fast(sentence, free, now)
    await tx.limits.take([window.scope], now)


def _too_fast(sentence: str, free: datetime, now: datetime) -> Refusal:
    seconds = max(math.ceil((free - now).total_seconds()), 1)
    return Refusal(429, TEXTS.say(sentence, wait=_wait(seconds)), retry_after=seconds)


def _wait(seconds: int) -> str:
    if seconds < 60:
        return TEXTS.say("web.seconds", count=seconds)
    return TEXTS.say("web.minutes", count=math.ceil(seconds / 60))


def _customer(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:60]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, _CUSTOMER_BITS), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
