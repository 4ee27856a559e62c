"""The transition table: one owner at a time, whatever happens in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.errors import IllegalTransitionError
from bot.handoff.states import TRANSITIONS, Event, Speaker, Standing, replay, step
from store.case_records import CaseEventKind, CaseState

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
K = CaseEventKind


def event(kind: CaseEventKind, person: int | None = 7, agency: str = "one") -> Event:
    return Event(kind, person, agency if kind is K.OFFERED else None, AT if kind is K.PROMISED else None)


TO_HUMAN = [K.REQUESTED, K.QUEUED, K.OFFERED, K.PROMISED, K.ACCEPTED]


def test_the_whole_way_to_a_person_and_back() -> None:
    standing = replay([event(kind) for kind in TO_HUMAN])
    assert (standing.state, standing.speaker, standing.staff_id) == (CaseState.HUMAN, Speaker.PERSON, 7)
    assert standing.agency_id == "one"
    assert standing.promised_by is None
    back = replay([event(kind) for kind in [*TO_HUMAN, K.AGENT_SAID, K.RETURN_STARTED, K.RETURNED]])
    assert (back.state, back.speaker, back.staff_id, back.ownership) == (
        CaseState.BOT,
        Speaker.BOT,
        None,
        2,
    )


@pytest.mark.parametrize(
    ("state", "kind"), [(s, k) for s in CaseState for k in K if (s, k) not in TRANSITIONS]
)
def test_what_is_not_in_the_table_is_refused_by_name(state: CaseState, kind: CaseEventKind) -> None:
    with pytest.raises(IllegalTransitionError, match=f"{kind} is not possible in {state}"):
        step(Standing(state=state, staff_id=7), event(kind))


def test_nobody_speaks_for_another_person() -> None:
    human = replay([event(kind) for kind in TO_HUMAN])
    with pytest.raises(IllegalTransitionError, match="person 8 does not have the case"):
        step(human, event(K.AGENT_SAID, person=8))
    with pytest.raises(IllegalTransitionError, match="names no person"):
        step(replay([event(kind) for kind in TO_HUMAN[:-1]]), event(K.ACCEPTED, person=None))


def test_a_case_that_leaves_an_agency_is_no_longer_seen_by_it() -> None:
    assert replay([event(kind) for kind in [*TO_HUMAN, K.QUEUED]]).agency_id is None
    assert replay([event(kind) for kind in [*TO_HUMAN[:-1], K.CANCELLED]]).agency_id is None
    assert replay([event(kind) for kind in [*TO_HUMAN[:-1], K.RETURN_STARTED, K.RETURNED]]).agency_id is None


@given(
    st.lists(
        st.tuples(st.sampled_from(list(K)), st.integers(1, 3), st.sampled_from(["one", "two"])), max_size=60
    )
)
def test_any_sequence_of_legal_events_keeps_exactly_one_owner(steps: list[tuple[K, int, str]]) -> None:
    standing = Standing()
    for kind, person, agency in steps:
        try:
            after = step(standing, event(kind, person, agency))
        except IllegalTransitionError:
            continue  # refused: the standing is as it was
        person_speaks = after.state in (CaseState.HUMAN, CaseState.WAITING_CUSTOMER)
        assert (after.speaker is Speaker.PERSON) == person_speaks == (after.staff_id is not None)
        assert person_speaks <= (after.agency_id is not None)
        moved = (after.speaker, after.staff_id) != (standing.speaker, standing.staff_id)
        assert after.ownership == standing.ownership + moved  # every move of the right to speak is counted
        standing = after


def test_every_state_is_reached_and_only_the_ends_are_ends() -> None:
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) == set(CaseState)
    assert {state for state in CaseState if state not in {s for s, _ in TRANSITIONS}} == {CaseState.CLOSED}
