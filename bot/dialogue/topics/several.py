"""Several rights in one message: each is answered, each is kept; none is taken for the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.days_told import DayOf, DayTold, days_told
from bot.dialogue.goals.add_asset import DATE_FIELDS, asset_name, keep
from bot.dialogue.goals.annuity import ANNUITY, current_for
from bot.dialogue.goals.inputs import inputs_from
from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.goals.renewal import RENEWAL, both_ways
from bot.dialogue.replies.annuity import cited
from bot.dialogue.right_types import IDS, NAMES, PATENTS
from bot.dialogue.steps import step
from bot.dialogue.topics.said import OF_MARK, OF_PATENT
from bot.dialogue.turn import Response, Turn, asking_for, button, say
from bot.understanding.slots.right_types import RightType
from bot.understanding.slots.slot import Slot, SlotKind
from rules.days import format_day, format_day_with_weekday
from rules.deadlines.annuity import CurrentAnnuity, payment_on
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.numbers import parse_application_number
from rules.money import format_yuan
from store.messages import CitationPart, Outgoing, TextPart, Verb

FEWEST, MOST = 2, 10
Values = dict[str, str]
_ONE_OF = re.compile(r"(?:另外?|还有)?[一1](?:件|个)")
_OF_RIGHT = OF_PATENT | OF_MARK
_LASTS_BY_ITSELF = frozenset({RightType.SOFTWARE_COPYRIGHT, RightType.COPYRIGHT})


def rights_said(turn: Turn) -> list[Values]:
    """Return the patents and marks that the message tells one after the other; none when it tells of one, or does not pair up."""
    numbers = [slot for slot in turn.slots(SlotKind.APPLICATION_NUMBER) if slot.value and not slot.problem]
    days = [one for one in days_told(turn) if one.of in _OF_RIGHT and one.day is not None]
    kinds = _kinds(turn, len(days))
    if len(numbers) >= FEWEST:
        return _by_number(turn, numbers[:MOST], days)
    if len(kinds) < FEWEST or len(kinds) != len(days):
        return []
    said = [_dated(turn, kind, day) for kind, day in zip(kinds[:MOST], days, strict=False)]
    return [] if None in said else [one for one in said if one is not None]


def _kinds(turn: Turn, days: int) -> list[str]:
    """Return the kind of each right that is told; 发明两件, 一件2019年, 一件2020年 are two of one kind."""
    kinds = [str(slot.value) for slot in turn.slots(SlotKind.RIGHT_TYPE) if str(slot.value) in NAMES]
    if len(kinds) == 1 and days >= FEWEST and len(_ONE_OF.findall(turn.text)) >= days:
        return kinds * days
    return kinds


def _by_number(turn: Turn, numbers: Sequence[Slot], days: Sequence[DayTold]) -> list[Values]:
    said: list[Values] = []
    for number in numbers:
        kind = parse_application_number(str(number.value)).right_type
        if kind is None or str(kind) not in NAMES:
            return []
        said.append({"申请号": str(number.value), "专利类型": NAMES[str(kind)]})
    filed = [one.day for one in days if one.of in OF_PATENT and one.day and one.day <= turn.today]
    if len(filed) != len(said):
        return said
    return [{**one, "申请日": day.isoformat()} for one, day in zip(said, filed, strict=True)]


def _dated(turn: Turn, kind: str, told: DayTold) -> Values | None:
    """Return the right with its day, or None where the day is another's: 商标2017年申请."""
    if told.day is None:
        return None
    if kind in PATENTS:
        good = told.of in OF_PATENT and told.day <= turn.today
        return {"专利类型": NAMES[kind], "申请日": told.day.isoformat()} if good else None
    field = "商标有效期至" if told.of is DayOf.EXPIRY else "商标注册日"
    good = told.of in OF_MARK and (told.of is DayOf.EXPIRY or told.day <= turn.today)
    return {"专利类型": NAMES[kind], field: told.day.isoformat()} if good else None


def _name(one: Values) -> str:
    if one.get("申请号"):
        return f"{one['专利类型']} {one['申请号']}"
    key, field = next((key, field) for key, field in DATE_FIELDS.items() if field in one)
    return say(f"asset.by_{key}", kind=one["专利类型"], day=format_day(date.fromisoformat(one[field])))


@step("annuity: several")
def due(turn: Turn, said: list[Values]) -> Response | None:
    """Return what is next for each in a line, a button each for the whole; None when a day is missing."""
    lines: list[str] = []
    citations: list[str] = []
    try:
        for one in said:
            line, cites = _renewal(turn, one) if IDS[one["专利类型"]] not in PATENTS else _annuity(turn, one)
            lines.append(line)
            citations += cites
    except DeadlineInputError:
        return None
    choices = [asking_for(_name(one), _asked_again(one)) for one in said]
    parts = (
        TextPart(text="\n".join([say("annuity.several"), *lines, *_besides(turn)])),
        CitationPart(citations=tuple(dict.fromkeys(citations)), as_of=format_day(turn.today)),
    )
    return Response(turn.conversation, (Outgoing(parts=parts, choices=tuple(choices)),))


def _annuity(turn: Turn, one: Values) -> tuple[str, tuple[str, ...]]:
    """Return the patent's next annuity in a line, and first the one that is late. Raises DeadlineInputError."""
    current = current_for(turn, Goal(kind=GoalKind.DEADLINE, subject=ANNUITY, values=dict(one)))
    owed = current.next
    if owed is None:
        return say("annuity.several_none", name=_name(one)), ()
    line = say(
        "annuity.several_line",
        name=_name(one),
        year=owed.year,
        safe=format_day_with_weekday(owed.safe),
        amount=format_yuan(owed.payable),
    )
    return line + _late(turn, current), cited(owed, turn.today).citations


def _late(turn: Turn, current: CurrentAnnuity) -> str:
    if current.in_grace is None and current.to_check is not None:
        return say("annuity.several_check", year=current.to_check.year)
    owed = current.in_grace
    total = payment_on(owed, turn.today).total if owed is not None else None
    if owed is None or total is None:
        return ""
    return say(
        "annuity.several_late", year=owed.year, total=format_yuan(total), grace=format_day(owed.grace_end)
    )


def _renewal(turn: Turn, one: Values) -> tuple[str, tuple[str, ...]]:
    """Return the mark's renewal in a line. Raises DeadlineInputError."""
    law = turn.world.knowledge.law
    names = tuple(item.name for item in kinds_by_id(law)[RENEWAL].inputs)
    inputs = inputs_from(law, one, names)
    computed, _ = both_ways(turn, RENEWAL, {"classes": 1, **inputs})
    key = "renewal.several_late" if computed.legal and computed.legal < turn.today else "renewal.several_line"
    day = computed.grace_end if key == "renewal.several_late" else computed.safe
    line = say(key, name=_name(one), day=format_day_with_weekday(day or turn.today))
    return line, tuple(map(str, computed.citations))


def _besides(turn: Turn) -> tuple[str, ...]:
    """Return a line on software and works that are told of beside: no annuity, no renewal."""
    others = {slot.value for slot in turn.slots(SlotKind.RIGHT_TYPE)} & _LASTS_BY_ITSELF
    return (say("annuity.several_lasts"),) if others else ()


def _asked_again(one: Values) -> str:
    if "申请日" in one:
        return say("annuity.several_ask", kind=one["专利类型"], day=one["申请日"])
    registered = "商标注册日" in one
    key = "renewal.ask_registered" if registered else "renewal.ask_expiry"
    return say(key, day=one["商标注册日" if registered else "商标有效期至"])


@step("asset: several kept")
def kept(turn: Turn, said: list[Values]) -> Response:
    """Keep each of them, and say of which a day is still missing."""
    effects = [effect for one in said if (effect := keep(one)) is not None]
    lines = [
        say(
            "asset.several_line",
            name=asset_name(effect.right_type, effect.number) if effect.number else _name(one),
        )
        if len(one) > 1 and one.keys() & set(DATE_FIELDS.values())
        else say("asset.several_no_day", name=_name(one))
        for one, effect in zip(said, effects, strict=True)
    ]
    words = "\n".join([say("asset.several", count=len(effects)), *lines])
    choices = (
        asking_for(say("asset.list_button"), say("asset.list_button")),
        button(say("asset.another_button"), Verb.START, "add_another_asset"),
    )
    return Response(turn.conversation, (Outgoing.say(words, *choices),), tuple(effects))
