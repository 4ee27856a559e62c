"""What a case's events say: its state, who speaks to the owner, and by when somebody answers. Pure.

bot → requested → queued → offered → human ⇄ waiting_customer → returning → bot | closed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from bot.handoff.errors import IllegalTransitionError
from store.case_records import HUMAN_STATES, Case, CaseEvent, CaseEventKind, CaseState, CaseStep

S = CaseState
K = CaseEventKind

TRANSITIONS: Final[Mapping[tuple[CaseState, CaseEventKind], CaseState]] = {
    (S.BOT, K.REQUESTED): S.REQUESTED,
    (S.REQUESTED, K.QUEUED): S.QUEUED,
    (S.QUEUED, K.OFFERED): S.OFFERED,
    (S.QUEUED, K.PROMISED): S.QUEUED,
    (S.OFFERED, K.PROMISED): S.OFFERED,
    (S.OFFERED, K.QUEUED): S.QUEUED,  # declined, or the promise passed: another agency is chosen
    (S.OFFERED, K.ACCEPTED): S.HUMAN,
    (S.HUMAN, K.AGENT_SAID): S.WAITING_CUSTOMER,
    (S.WAITING_CUSTOMER, K.AGENT_SAID): S.WAITING_CUSTOMER,
    (S.HUMAN, K.CUSTOMER_SAID): S.HUMAN,
    (S.WAITING_CUSTOMER, K.CUSTOMER_SAID): S.HUMAN,
    (S.HUMAN, K.AWAITING): S.WAITING_CUSTOMER,
    (S.OFFERED, K.NOTED): S.OFFERED,
    (S.HUMAN, K.NOTED): S.HUMAN,
    (S.WAITING_CUSTOMER, K.NOTED): S.WAITING_CUSTOMER,
    (S.HUMAN, K.REASSIGNED): S.HUMAN,
    (S.WAITING_CUSTOMER, K.REASSIGNED): S.WAITING_CUSTOMER,
    (S.HUMAN, K.QUEUED): S.QUEUED,  # the person has gone, or passes it to another agency
    (S.WAITING_CUSTOMER, K.QUEUED): S.QUEUED,
    (S.REQUESTED, K.CANCELLED): S.CLOSED,
    (S.QUEUED, K.CANCELLED): S.CLOSED,
    (S.OFFERED, K.CANCELLED): S.CLOSED,
    (S.REQUESTED, K.RETURN_STARTED): S.RETURNING,
    (S.QUEUED, K.RETURN_STARTED): S.RETURNING,
    (S.OFFERED, K.RETURN_STARTED): S.RETURNING,
    (S.HUMAN, K.RETURN_STARTED): S.RETURNING,
    (S.WAITING_CUSTOMER, K.RETURN_STARTED): S.RETURNING,
    (S.RETURNING, K.RETURNED): S.BOT,
    (S.RETURNING, K.CLOSED): S.CLOSED,
}

_TAKES_A_PERSON: Final = frozenset({K.ACCEPTED, K.AGENT_SAID, K.AWAITING, K.NOTED, K.REASSIGNED})
_LETS_THE_AGENCY_GO: Final = frozenset({K.QUEUED, K.CANCELLED})


class Speaker(StrEnum):
    """Who speaks to the owner."""

    BOT = "bot"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the events so far say."""

    state: CaseState = CaseState.BOT
    agency_id: str | None = None
    staff_id: int | None = None
    ownership: int = 0
    promised_by: datetime | None = None

    @property
    def speaker(self) -> Speaker:
        """The one who speaks to the owner now: a named person while the case is in human hands, else the bot."""
        return Speaker.PERSON if self.state in HUMAN_STATES else Speaker.BOT


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a case. `agency_id` belongs to OFFERED, `promised_by` to PROMISED."""

    kind: CaseEventKind
    person_id: int | None = None
    agency_id: str | None = None
    promised_by: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def step(standing: Standing, event: Event) -> Standing:
    """Return the standing after the event. Raises IllegalTransitionError where the table does not have it."""
    state = TRANSITIONS.get((standing.state, event.kind))
    if state is None:
        raise IllegalTransitionError(standing.state, event.kind)
    missing = _missing(standing, event)
    if missing:
        raise IllegalTransitionError(standing.state, event.kind, missing)
    after = replace(standing, state=state)
    match event.kind:
        case CaseEventKind.OFFERED:
            after = replace(after, agency_id=event.agency_id)
        case CaseEventKind.PROMISED:
            after = replace(after, promised_by=event.promised_by)
        case CaseEventKind.ACCEPTED | CaseEventKind.REASSIGNED:
            after = replace(after, staff_id=event.person_id, promised_by=None)
    if event.kind in _LETS_THE_AGENCY_GO or (
        event.kind is K.RETURN_STARTED and standing.speaker is Speaker.BOT
    ):
        after = replace(after, agency_id=None)
    if after.speaker is Speaker.BOT:
        after = replace(after, staff_id=None)
    if state in (S.BOT, S.CLOSED):
        after = replace(after, promised_by=None)
    moved = after.staff_id != standing.staff_id
    return replace(after, ownership=standing.ownership + 1) if moved else after


def _missing(standing: Standing, event: Event) -> str:
    if event.kind in _TAKES_A_PERSON and event.person_id is None:
        return "it names no person"
    if event.kind in (K.AGENT_SAID, K.AWAITING) and event.person_id != standing.staff_id:
        return f"person {event.person_id} does not have the case, person {standing.staff_id} has"
    if event.kind is K.OFFERED and not event.agency_id:
        return "it names no agency"
    if event.kind is K.PROMISED and event.promised_by is None:
        return "it names no time"
    return ""


def replay(events: Iterable[Event]) -> Standing:
    """Return what all events together say."""
    standing = Standing()
    for event in events:
        standing = step(standing, event)
    return standing


def standing_of(case: Case) -> Standing:
    """Return the standing that the stored case repeats."""
    return Standing(case.state, case.agency_id, case.owner_id, case.ownership, case.promised_by)


def stored(standing: Standing, event: Event, leased_until: datetime | None) -> CaseStep:
    """Return what the repository keeps of `event`, after which the case stands as `standing` says."""
    data = dict(event.data)
    if event.agency_id is not None:
        data["agency_id"] = event.agency_id
    if event.promised_by is not None:
        data["promised_by"] = event.promised_by.isoformat()
    return CaseStep(
        kind=event.kind,
        person_id=event.person_id,
        state=standing.state,
        agency_id=standing.agency_id,
        owner_id=standing.staff_id,
        ownership=standing.ownership,
        promised_by=standing.promised_by,
        leased_until=leased_until,
        data=data,
    )


def read_back(event: CaseEvent) -> Event:
    """Return a stored event as the table reads it."""
    promised = event.data.get("promised_by")
    return Event(
        event.kind,
        event.person_id,
        event.data.get("agency_id"),
        None if promised is None else datetime.fromisoformat(promised),
        event.data,
    )
