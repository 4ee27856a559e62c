"""Which agency is asked, and by when somebody answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.handoff.promise import WorkingHours, format_promise
from bot.handoff.routing import Need, Unfit, choose, days_left
from rules.days import NINGBO


@dataclass(frozen=True)
class Profile:
    id: str
    name: str = "机构"
    districts: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    demo: bool = False
    takes_cases: bool = True


CITY = Profile("city")
LOCAL = Profile("local", districts=("鄞州区",))
PLEDGE = Profile("pledge", scopes=("pledge",))
ALL = (CITY, LOCAL, PLEDGE)
STAFFED = {"city", "local", "pledge", "demo"}


def test_the_district_comes_before_the_load_and_the_load_before_the_name() -> None:
    need = Need("annuity_late", "鄞州区")
    assert choose(need, ALL, STAFFED, {"local": 9}).agency_id == "local"
    assert choose(Need("pledge"), (CITY, PLEDGE), STAFFED, {"city": 2, "pledge": 1}).agency_id == "pledge"
    assert choose(Need("pledge"), (CITY, PLEDGE), STAFFED, {}).agency_id == "city"


def test_every_agency_not_asked_has_a_reason() -> None:
    need = Need("lawsuit", "海曙区", conflicted=frozenset({"city"}))
    routing = choose(need, ALL, STAFFED, {})
    assert routing.agency_id is None
    assert routing.unfit == {"city": Unfit.CONFLICT, "local": Unfit.DISTRICT, "pledge": Unfit.SCOPE}


def test_a_conflict_is_found_before_anything_else_is_looked_at() -> None:
    need = Need("lawsuit", "海曙区", conflicted=frozenset({"local"}), tried=frozenset({"local"}))
    assert choose(need, [LOCAL], set(), {}).unfit == {"local": Unfit.CONFLICT}


def test_an_agency_without_staff_or_already_asked_is_passed_over() -> None:
    named_only = Profile("named", takes_cases=False)
    assert choose(Need("x"), [named_only], {"named"}, {}).unfit == {"named": Unfit.TAKES_NONE}
    assert choose(Need("x"), [CITY], set(), {}).unfit == {"city": Unfit.NO_STAFF}
    assert choose(Need("x", tried=frozenset({"city"})), [CITY], STAFFED, {}).unfit == {"city": Unfit.TRIED}


def test_demo_companies_stay_with_demo_agencies_and_real_ones_prefer_real_ones() -> None:
    demo = Profile("demo", demo=True)
    assert choose(Need("x", demo=True), [CITY, demo], STAFFED, {}).agency_id == "demo"
    assert choose(Need("x"), [demo, CITY], STAFFED, {"city": 50}).agency_id == "city"
    assert choose(Need("x"), [demo], STAFFED, {}).agency_id == "demo"


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NINGBO)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-20 10:00", "2026-11-20 12:00"),  # Friday, in hours
        ("2026-11-20 16:30", "2026-11-23 10:00"),  # one hour today, one on Monday
        ("2026-11-20 15:30", "2026-11-20 17:30"),  # ends exactly at closing
        ("2026-11-21 08:00", "2026-11-23 11:00"),  # Saturday
        ("2026-11-20 08:59", "2026-11-20 11:00"),  # before opening
        ("2026-11-20 17:30", "2026-11-23 11:00"),  # closing time is closed
        ("2026-09-30 17:00", "2026-10-08 10:30"),  # across the National Day holiday
        ("2026-10-10 09:00", "2026-10-10 11:00"),  # a Saturday worked in exchange
        ("2031-05-03 12:00", "2031-05-05 11:00"),  # a year nobody has announced: weekends
    ],
)
def test_two_working_hours_later(now: str, expected: str) -> None:
    assert WorkingHours().after(here(now), timedelta(hours=2)) == here(expected).astimezone(UTC)


def test_a_promise_is_read_as_a_dated_hour_in_ningbo() -> None:
    assert format_promise(here("2026-11-23 11:00").astimezone(UTC)) == "2026年11月23日（周一）11:00"


def test_days_left() -> None:
    assert days_left(date(2026, 11, 25), date(2026, 11, 20)) == 5
    assert days_left(date(2026, 11, 19), date(2026, 11, 20)) == -1
    assert days_left(None, date(2026, 11, 20)) is None
