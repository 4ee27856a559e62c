"""Which agency is asked: scope, district, load; one with a conflict of interest is never shown the case. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class AgencyProfile(Protocol):
    """What routing reads of an agency's profile in the knowledge base."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def districts(self) -> Collection[str]:
        """Districts it serves; none named: all of Ningbo."""

    @property
    def scopes(self) -> Collection[str]:
        """Intents it works on; none named: every one."""

    @property
    def takes_cases(self) -> bool:
        """Whether cases may be routed to it at all."""

    @property
    def demo(self) -> bool:
        """A made-up agency of the demo data."""


class Unfit(StrEnum):
    """Why an agency was not chosen."""

    CONFLICT = "conflict"  # it acts for the other side (专利代理条例 第14条)
    TAKES_NONE = "takes_none"  # only named in the knowledge base, takes no cases
    NO_STAFF = "no_staff"  # nobody of it can sign in, so nobody would read the case
    TRIED = "tried"  # it was offered the case before and did not take it
    SCOPE = "scope"  # it does not work on such matters
    DISTRICT = "district"  # it does not serve the company's district
    DEMO = "demo"  # a real agency for a demo company


@dataclass(frozen=True, slots=True)
class Need:
    """What a case asks of an agency."""

    topic: str
    district: str | None = None
    demo: bool = False
    conflicted: frozenset[str] = frozenset()
    tried: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Routing:
    """The chosen agency, None when none fits, and why each other one was not asked."""

    agency_id: str | None
    unfit: Mapping[str, Unfit]


def choose(
    need: Need, agencies: Iterable[AgencyProfile], staffed: Collection[str], load: Mapping[str, int]
) -> Routing:
    """Return the agency to be asked.

    Among those that fit: one that names the district before one that serves all of Ningbo, a real one before a demo
    one, then the one with the fewest cases before it, then by id.
    """
    unfit: dict[str, Unfit] = {}
    fitting: list[tuple[bool, bool, int, str]] = []
    for agency in agencies:
        reason = _why_not(need, agency, staffed)
        if reason is not None:
            unfit[agency.id] = reason
            continue
        names_district = need.district is not None and need.district in agency.districts
        fitting.append((agency.demo and not need.demo, not names_district, load.get(agency.id, 0), agency.id))
    return Routing(min(fitting)[3] if fitting else None, unfit)


def _why_not(need: Need, agency: AgencyProfile, staffed: Collection[str]) -> Unfit | None:
    if agency.id in need.conflicted:  # first: nothing else about the case is looked at
        return Unfit.CONFLICT
    if not agency.takes_cases:
        return Unfit.TAKES_NONE
    if agency.id not in staffed:
        return Unfit.NO_STAFF
    if agency.id in need.tried:
        return Unfit.TRIED
    if need.demo and not agency.demo:
        return Unfit.DEMO
    if agency.scopes and need.topic not in agency.scopes:
        return Unfit.SCOPE
    if agency.districts and need.district is not None and need.district not in agency.districts:
        return Unfit.DISTRICT
    return None


def days_left(statutory_day: date | None, today: date) -> int | None:
    """Return the days until the statutory day, negative when it has passed, None when the case has none."""
    return None if statutory_day is None else (statutory_day - today).days
