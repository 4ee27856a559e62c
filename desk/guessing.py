"""How guessing of passwords is slowed down without letting a stranger keep a member out.

Failures are counted for a login at one address, for an address, and, slower, for a login wherever they come from. The
last would let anybody who knows a colleague's login keep them out; a browser in which they have signed in before
therefore has a count of its own, and no other stops it. Such a browser is known by a cookie that only the server can
make: it is signed with what follows from the hash of the password, so that it ends when the password changes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from store.limits import Limits
from store.records import Person

KNOWN_FOR: Final = timedelta(days=180)  # since the browser last signed in
_IPV6_OF_ONE_PLACE: Final = 64  # bits: whoever has one address of such a network has all


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `at_most` failures in `span`."""

    at_most: int
    span: timedelta


IN_KNOWN_BROWSER: Final = Bound(5, timedelta(minutes=15))
OF_LOGIN_FROM_ADDRESS: Final = Bound(5, timedelta(minutes=15))
FROM_ADDRESS: Final = Bound(30, timedelta(minutes=15))
OF_LOGIN: Final = Bound(30, timedelta(hours=6))  # 120 guesses a day, from however many addresses


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts against which one attempt is made. `known` says that the browser has a count of its own."""

    bounds: dict[str, Bound]
    known: bool

    @classmethod
    def of(cls, login: str, address: str, browser: str | None) -> Counts:
        """Return the counts for this attempt; `browser` is what `recognised` returned."""
        if browser is not None:
            return cls({f"sign-in-in:{browser}": IN_KNOWN_BROWSER}, known=True)
        failures, place = _failures_of(login), _place(address)
        bounds = {
            f"{failures}:{place}": OF_LOGIN_FROM_ADDRESS,
            failures: OF_LOGIN,
            f"sign-in-from:{place}": FROM_ADDRESS,
        }
        return cls(bounds, known=False)

    async def take(self, limits: Limits, now: datetime) -> tuple[list[int], datetime | None]:
        """Count one attempt before it is made, so that guesses cannot race: return the counts' ids, for `forgive`.

        Where a bound is reached nothing is counted, and the second value says when the next attempt may be made. A
        failure is kept under the instant until which it counts: it outlives the short windows of senders that share
        the table.
        """
        await limits.lock(self.bounds)
        full = [await limits.latest(scope, bound.at_most, now) for scope, bound in self.bounds.items()]
        until = max((at for at in full if at is not None), default=None)
        if until is not None:
            return [], until
        taken: list[int] = []
        for scope, bound in self.bounds.items():
            taken += await limits.take([scope], now + bound.span)
        return taken, None


async def forgive(limits: Limits, taken: Sequence[int], now: datetime) -> None:
    """Take back what was counted: it was no failure."""
    await limits.ended(taken, now - OF_LOGIN.span)


async def lift(limits: Limits, login: str) -> None:
    """Forget the failures of a login: its password has been replaced by one that nobody can have been guessing at."""
    await limits.clear(_failures_of(login))


def mark(person: Person, password_hash: str, now: datetime) -> str:
    """Return the cookie that makes a browser known as one in which the person has signed in."""
    words = f"{person.id}.{int(now.timestamp())}.{secrets.token_urlsafe(16)}"
    return f"{words}.{_signature(words, password_hash)}"


def recognised(cookie: str | None, found: tuple[Person, str] | None, now: datetime) -> str | None:
    """Return the name under which the browser's failures are counted, None where it is not known for this person."""
    words, _, signature = (cookie or "").rpartition(".")
    if found is None or words.count(".") != 2:
        return None
    person, password_hash = found
    if not hmac.compare_digest(signature.encode(), _signature(words, password_hash).encode()):
        return None
    number, since, _ = words.split(".")
    if int(number) != person.id or datetime.fromtimestamp(int(since), UTC) + KNOWN_FOR < now:
        return None
    return _digest(words)


def _failures_of(login: str) -> str:
    return f"sign-in:{_digest(login.casefold())}"


def _signature(words: str, password_hash: str) -> str:
    key = hmac.digest(password_hash.encode(), b"known browser", "sha256")
    return hmac.digest(key, words.encode(), "sha256").hex()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _place(address: str) -> str:
    """Return what stands for everybody at an address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found, _IPV6_OF_ONE_PLACE), strict=False))
    return str(found)
