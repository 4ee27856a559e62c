"""What the clock asks of the law: the obligations of an asset, and the days on which people rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from rules.deadlines.calendar import CalendarKind
from rules.deadlines.tables import LawTables
from store.obligation_records import Computed
from store.records import Asset

# Returns what is due for the asset as the law stands today. Raises NotComputableError.
Compute = Callable[[LawTables, Asset, date], Sequence[Computed]]


class NotComputableError(Exception):
    """What is known of the asset does not suffice to compute anything: `field` is missing or impossible."""

    def __init__(self, asset_id: int, field: str, message: str) -> None:
        super().__init__(f"asset {asset_id}: {field}: {message}")
        self.asset_id = asset_id
        self.field = field


def rest_days(tables: LawTables) -> Callable[[date], bool]:
    """Return the test whether people rest on a day; in a year not announced, the days usually given off count too."""
    holidays = tables.holidays

    def is_rest(day: date) -> bool:
        return holidays.is_rest(day, CalendarKind.GENERAL) or day in holidays.plan(day.year).usual_off

    return is_rest
