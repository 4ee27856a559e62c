"""我已经交了: which obligation was paid, then the day and the receipt."""

from __future__ import annotations

import re
from datetime import date

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.days_told import DayOf, days_told
from bot.dialogue.goals.add_asset import told_apart
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.topics.rights_meant import ALL, MOST_BUTTONS, rights_meant
from bot.dialogue.topics.said import year_said
from bot.dialogue.turn import Response, Turn, button, reply, say
from store.messages import Verb
from store.records import StoredObligation

_PAID = re.compile(
    r"(已经?(缴|交|付|续)|(缴|交|付|续)(过|好|完|清)?(了|过)(?!怎么|会|吗)|(缴|交|付)(过|好|完)|(缴|交)费(成功|完))"
)
_NOT_PAID = re.compile(r"(没|未|忘|别|不用|还要|要不要|怎么|多少|什么时候|吗|\?|如果|万一)")


def says_paid(turn: Turn) -> bool:
    """Return whether the message tells that something was paid, and asks nothing."""
    return bool(turn.world.obligations and _PAID.search(turn.text) and not _NOT_PAID.search(turn.text))


@step("asset: paid by words")
def paid(turn: Turn) -> Response:
    """Begin to record the payment that is meant, or ask which one."""
    owed = _meant(turn)
    if len(owed) != 1:
        return _which(turn, owed or _nearest(turn.world.obligations))
    goal = Goal(kind=GoalKind.PAID, subject=str(owed[0].id), intent="add_asset")
    day = _day_paid(turn)
    if day is not None:
        goal = goal.with_value("缴费日", day.isoformat())
    return begin(turn, goal)


def _day_paid(turn: Turn) -> date | None:
    """Return the day that may be the one of payment: not that of filing, which tells of the right."""
    days = {one.day for one in days_told(turn) if one.of in (DayOf.PAID, DayOf.OTHER, DayOf.UNSAID)}
    return days.pop() if len(days) == 1 else None


def _meant(turn: Turn) -> list[StoredObligation]:
    rights = {asset.id for asset in rights_meant(turn, ALL)}
    owed = [item for item in turn.world.obligations if item.asset_id in rights]
    year = year_said(turn.text)
    if year is not None:
        return [item for item in owed if item.key == f"annuity:{year}"]
    return _nearest(owed)


def _nearest(owed: list[StoredObligation] | tuple[StoredObligation, ...]) -> list[StoredObligation]:
    """Return what is due first for each right: what was just paid is not the year after next."""
    first: dict[int, StoredObligation] = {}
    for item in sorted(owed, key=lambda one: (one.safe, one.id)):
        first.setdefault(item.asset_id, item)
    return list(first.values())


@step("paid: which")
def _which(turn: Turn, owed: list[StoredObligation]) -> Response:
    names = {asset.id: told_apart(asset) for asset in turn.world.assets}
    choices = [
        button(
            say("paid.which_button", title=item.title, name=names.get(item.asset_id, "")),
            Verb.PAID,
            str(item.id),
        )
        for item in owed[:MOST_BUTTONS]
    ]
    year = year_said(turn.text)
    missing = "" if year is None or _meant(turn) else say("paid.no_such_year", year=year)
    return reply(turn.conversation, missing + say("paid.which"), *choices)
