"""Slots: the dates, amounts, numbers and names found in a message."""

from bot.understanding.slots.districts import District
from bot.understanding.slots.find import find_slots
from bot.understanding.slots.person_or_company import Applicant
from bot.understanding.slots.platforms import Platform
from bot.understanding.slots.right_types import RightType
from bot.understanding.slots.slot import AmountRange, CountRange, Period, Slot, SlotKind, SlotValue
from bot.understanding.slots.yes_no import Answer

__all__ = [
    "AmountRange",
    "Answer",
    "Applicant",
    "CountRange",
    "District",
    "Period",
    "Platform",
    "RightType",
    "Slot",
    "SlotKind",
    "SlotValue",
    "find_slots",
]
