"""All slots of a message. Figures belong to one slot only, the kind that is surest of them; words may overlap."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from bot.understanding.slots.amounts import find_amounts
from bot.understanding.slots.application_numbers import find_application_numbers
from bot.understanding.slots.counts import find_bare_number, find_counts
from bot.understanding.slots.credit_code import find_credit_codes
from bot.understanding.slots.dates import find_calendar_dates
from bot.understanding.slots.districts import find_districts
from bot.understanding.slots.numerals import CHINESE
from bot.understanding.slots.percent import find_percents
from bot.understanding.slots.person_or_company import find_applicants
from bot.understanding.slots.platforms import find_platforms
from bot.understanding.slots.registration_numbers import find_nice_classes, find_registration_numbers
from bot.understanding.slots.relative_dates import find_relative_dates
from bot.understanding.slots.right_types import find_right_types
from bot.understanding.slots.slot import Slot, SlotKind
from bot.understanding.slots.yes_no import find_answers

_NO_FIGURES = re.compile(rf"[^\da-z{CHINESE}几半天日号年月周期节昨今明去前后上下这]*", re.IGNORECASE)
"""Most messages hold neither a figure nor a day; they are not read ten times over for them."""

_DAY_BEFORE = re.compile(
    r"(申请日|注册日|授权日|公告日|发文日|日期|有效期至|有效期到|到期|收到)期?[是为:，,\s]{0,2}$"
)
_DAY_AFTER = re.compile(r"\s?(申请|注册(?!号)|授权|公告|到期|收到|那天|之前|以前)")

MOST_SLOTS = 200
"""A list longer than this is a file to be imported, not a message."""


def find_slots(text: str, today: date) -> tuple[Slot, ...]:
    """Return what the normalised `text` contains, in order; `today` is the message's day in Asia/Shanghai."""
    figures = [] if _NO_FIGURES.fullmatch(text) else _find_figures(text, today)
    taken = bytearray(len(text))
    for slot in figures:
        _mark(slot, taken)
    words = [
        *(slot for slot in find_platforms(text) if _is_free(slot, taken)),
        *find_districts(text),
        *find_right_types(text),
        *find_applicants(text),
        *find_answers(text),
    ]
    found = sorted([*figures, *words], key=lambda slot: (slot.start, slot.end, slot.kind))
    return tuple(found[:MOST_SLOTS])


def _find_figures(text: str, today: date) -> list[Slot]:
    taken = bytearray(len(text))
    figures: list[Slot] = []
    # The surest kind first: what it takes is no longer read as another.
    for found in (
        find_credit_codes(text),
        find_application_numbers(text, today),
        find_percents(text),
        find_registration_numbers(text),
        _longest_first([*find_calendar_dates(text, today), *find_relative_dates(text, today)]),
        find_nice_classes(text),
        find_amounts(text),
        find_counts(text),
        find_bare_number(text),
    ):
        for slot in found:
            if _is_free(slot, taken):
                _mark(slot, taken)
                figures.append(_with_doubt(slot, text))
    return figures


def _is_free(slot: Slot, taken: bytearray) -> bool:
    return not any(taken[slot.start : slot.end])


def _mark(slot: Slot, taken: bytearray) -> None:
    taken[slot.start : slot.end] = b"\1" * (slot.end - slot.start)


def _longest_first(found: list[Slot]) -> list[Slot]:
    """下个月15号 is one day, not a month and a day: the longest reading wins."""
    return sorted(found, key=lambda slot: slot.start - slot.end)


def _with_doubt(slot: Slot, text: str) -> Slot:
    """Eight figures alone may be a day or a trademark's number: ask which, unless the words beside them say it."""
    if (
        slot.kind is SlotKind.DATE
        and len(slot.text) == 8
        and slot.text.isdigit()
        and isinstance(slot.value, date)
        and not _DAY_BEFORE.search(text[: slot.start])
        and not _DAY_AFTER.match(text[slot.end :])
    ):
        return replace(slot, value=None, ambiguous=(slot.value, slot.text))
    return slot
