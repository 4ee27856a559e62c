"""What a list of rights changes in what is already kept: decided row by row, before anything is written. Pure.

The number is the identity. A list adds what it says and takes back nothing: what it has no column for stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from rules.deadlines.assets import AssetFacts
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.obligations import check_asset
from store.records import Asset, AssetStatus

_IDENTITY = frozenset({"kind", "ref", "number", "title", "active"})
_FIRST_DAYS = ("filing", "registration", "expiry")


class Listed(StrEnum):
    """What becomes of one row of a list."""

    ADDED = "added"  # a right that was not kept
    CHANGED = "changed"  # kept already; the list says more, or something else
    SAME = "same"  # kept already, and nothing is new
    GIVEN_UP = "given_up"  # the owner gave it up in two steps: a list does not bring it back
    REFUSED = "refused"  # what the list says contradicts what is known


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: the asset as it will be kept, and what that changes."""

    said: AssetFacts
    listed: Listed
    known_id: int | None
    name: str
    dates: Mapping[str, str]
    details: Mapping[str, Any]
    status: AssetStatus
    problem: str = ""  # why it is refused, for the person


@dataclass
class KnownRights:
    """The rights kept for one company, found by number, or by their first day while their number is not known."""

    numbered: dict[tuple[str, str], Asset] = field(default_factory=dict)
    unnumbered: list[Asset] = field(default_factory=list)

    @classmethod
    def of(cls, assets: Iterable[Asset]) -> KnownRights:
        """Return these assets by what tells them apart."""
        known = cls()
        for asset in assets:
            if asset.number:
                known.numbered[(asset.right_type, asset.number)] = asset
            else:
                known.unnumbered.append(asset)
        return known

    def entry(self, said: AssetFacts) -> Entry:
        """Return what keeping `said` changes. A right without a number is taken by the first row that fits it."""
        dates = _dates(said)
        known = self.numbered.get((said.kind.value, said.number)) or self._take(said, dates)
        return _entry(said, known, dates)

    def _take(self, said: AssetFacts, dates: Mapping[str, str]) -> Asset | None:
        first = [name for name in _FIRST_DAYS if name in dates]
        for asset in self.unnumbered:
            same_days = all(asset.dates.get(name) == dates[name] for name in first)
            if first and same_days and asset.right_type == said.kind.value:
                self.unnumbered.remove(asset)
                return asset
        return None


def _entry(said: AssetFacts, known: Asset | None, dates: Mapping[str, str]) -> Entry:
    name = said.title or (known.name if known else "")
    all_dates = {**(known.dates if known else {}), **dates}
    all_details = {**(known.details if known else {}), **_details(said)}
    status = _status(said, known)
    listed, problem = Listed.CHANGED, _contradiction(said, all_dates, all_details)
    if known is not None and known.status is AssetStatus.GIVEN_UP:
        listed = Listed.GIVEN_UP
    elif problem:
        listed = Listed.REFUSED
    elif known is None:
        listed = Listed.ADDED
    elif (said.number, name, all_dates, all_details, status) == (
        known.number, known.name, known.dates, known.details, known.status,
    ):  # fmt: skip
        listed = Listed.SAME
    known_id = known.id if known else None
    return Entry(said, listed, known_id, name, all_dates, all_details, status, problem)


def _dates(said: AssetFacts) -> dict[str, str]:
    given = ((name, getattr(said, name)) for name in AssetFacts.model_fields if name not in _IDENTITY)
    return {name: value.isoformat() for name, value in given if isinstance(value, date)}


def _details(said: AssetFacts) -> dict[str, Any]:
    """Return what was given and is no day. What was not given says nothing, not the default."""
    given = said.model_dump(mode="json", include=said.model_fields_set - _IDENTITY, exclude_none=True)
    return {name: value for name, value in given.items() if not isinstance(getattr(said, name), date)}


def _status(said: AssetFacts, known: Asset | None) -> AssetStatus:
    if known is not None and known.status is AssetStatus.GIVEN_UP:
        return AssetStatus.GIVEN_UP
    if "active" in said.model_fields_set:
        return AssetStatus.ACTIVE if said.active else AssetStatus.LAPSED
    lapsed = known is not None and known.status is AssetStatus.LAPSED
    return AssetStatus.LAPSED if lapsed else AssetStatus.ACTIVE


def _contradiction(said: AssetFacts, dates: Mapping[str, str], details: Mapping[str, Any]) -> str:
    """Return why nothing could be computed for the right as it would then be known; empty where it can be."""
    known = {name: value for name, value in {**details, **dates}.items() if name in AssetFacts.model_fields}
    try:
        check_asset(AssetFacts.model_validate({**known, "kind": said.kind, "number": said.number}))
    except DeadlineInputError as error:
        return error.message_zh
    return ""
