"""Written slot cases: `cases.txt` beside this file, one message a line with what must be found in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.understanding.normalise import normalise
from bot.understanding.slots import AmountRange, CountRange, Period, Slot, SlotKind, SlotValue, find_slots

TODAY = date(2026, 11, 20)
CASES = [
    [part.strip() for part in line.split("|")]
    for line in (Path(__file__).parent / "cases.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def yuan(fen: int | None) -> str:
    return "" if fen is None else f"{Decimal(fen) / 100:f}"


def shown(value: SlotValue, kind: SlotKind) -> str:
    if isinstance(value, Period):
        return f"{value.first}..{value.last}"
    if isinstance(value, AmountRange):
        return f"{yuan(value.low)}..{yuan(value.high)}"
    if isinstance(value, CountRange):
        return f"{'' if value.low is None else value.low}..{'' if value.high is None else value.high}"
    if kind is SlotKind.AMOUNT and isinstance(value, int):
        return yuan(value)
    return str(value)


def rendered(slot: Slot) -> str:
    text = "!" if slot.problem else ""
    if slot.ambiguous:
        text += "?" + "/".join(shown(value, slot.kind) for value in slot.ambiguous)
    return text if slot.value is None else text + shown(slot.value, slot.kind)


def test_there_are_enough_cases_of_every_kind() -> None:
    """At least 400 written cases, some of each kind found and some left alone; none twice."""
    assert len(CASES) >= 400
    assert len({tuple(case) for case in CASES}) == len(CASES)
    for kind in SlotKind:
        wanted = [wanted for written, _, wanted in CASES if written == kind]
        assert sum(each != "-" for each in wanted) >= 5, kind
        assert "-" in wanted, kind


@pytest.mark.parametrize(("kind", "message", "wanted"), CASES, ids=[f"{k}-{m}" for k, m, _ in CASES])
def test_case(kind: str, message: str, wanted: str) -> None:
    text = normalise(message).text
    found = [slot for slot in find_slots(text, TODAY) if slot.kind is SlotKind(kind)]
    assert all(slot.text == text[slot.start : slot.end] for slot in found)
    got = [rendered(slot) for slot in found]
    expected = [] if wanted == "-" else wanted.split()
    assert [g.replace(".50", ".5") for g in got] == [w.replace(".50", ".5") for w in expected]
