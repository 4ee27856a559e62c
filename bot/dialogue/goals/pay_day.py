"""What an annuity costs on a day on which it is to be paid: 拖到12月底再交, 下个月13号去交, 晚交两个月."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from bot.dialogue.turn import Turn
from bot.understanding.slots.numerals import parse_number
from bot.understanding.slots.slot import Period, SlotKind
from rules.deadlines.counting import add_months

PAID_ON = "期限_paid_on"
_PAYS = r"[交缴付补]|办"
_THEN_PAYS = re.compile(
    rf"\s*[日号]?(?:那天|的时候)?(?:我们?|再|才|去|来|以?前|之前|底|就|能|可以){{0,4}}(?:{_PAYS})(?![的了过])"
)
_PUT_OFF = re.compile(r"(?:(?:拖|等|推|晚|放)到?|[交缴付]到)\s*$")
_PUT_TO = r"拖到|等到|推到|晚到|放到|[交缴付]到"
_MONTH_END = re.compile(
    rf"(?P<put>{_PUT_TO})?"
    r"(?<!\d)(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})月(?:底|份|之前|前|再|才|去|来|能)*"
    r"(?P<pays>[交缴付补](?![的了过]))?"
)
"""Of a month alone its last day is meant, on which it costs most; the answer names the day."""
_YEAR_END = re.compile(rf"(?:{_PUT_TO})(?:今年)?年底|(?:今年)?年底(?:再|才|去|前)+(?:{_PAYS})")
_LATER_BY = re.compile(
    r"(?:晚|迟|拖|过期|逾期|超)(?:了|交|缴|付|个)*(?P<n>\d{1,2}|[一二两三四五六七八九十])个月(?!了)"
)


def pay_day(turn: Turn, due: date) -> date | None:
    """Return the day from today on, on which the message says that the annuity `due` is or would be paid, or None."""
    if later := _LATER_BY.search(turn.text):
        months = parse_number(later["n"])
        day = None if months is None else add_months(due, int(months))
        return day if day is not None and day >= turn.today else None
    if _YEAR_END.search(turn.text):
        return date(turn.today.year, 12, 31)
    for found in _MONTH_END.finditer(turn.text):
        if found["put"] or found["pays"]:
            return _month_end(turn.today, parse_number(found["month"]))
    for slot in turn.slots(SlotKind.DATE):
        paid = _THEN_PAYS.match(turn.text[slot.end :]) or _PUT_OFF.search(turn.text[: slot.start])
        month = slot.value.last if isinstance(slot.value, Period) and not slot.value.is_year else None
        days = [slot.value, month, *slot.ambiguous] if paid else []
        ahead = sorted(day for day in days if isinstance(day, date) and day >= turn.today)
        if ahead:
            return ahead[0]
    return None


def _month_end(today: date, month: object) -> date | None:
    """Return the last day of the month that comes next, this year or the year after."""
    if month is None or not 1 <= int(str(month)) <= 12:
        return None
    number = int(str(month))
    year = today.year if number >= today.month else today.year + 1
    return date(year, number, monthrange(year, number)[1])
