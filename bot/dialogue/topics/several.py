"""Several patents in one message: each is answered, each is kept; none is taken for the others."""

from __future__ import annotations

from datetime import date

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.days_told import days_told
from bot.dialogue.goals.add_asset import asset_name, keep
from bot.dialogue.goals.annuity import ANNUITY, current_for
from bot.dialogue.replies.annuity import cited
from bot.dialogue.right_types import NAMES, PATENTS
from bot.dialogue.steps import step
from bot.dialogue.topics.said import OF_PATENT
from bot.dialogue.turn import Response, Turn, asking_for, button, say
from bot.understanding.slots.slot import SlotKind
from rules.days import format_day, format_day_with_weekday
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.numbers import parse_application_number
from rules.money import format_yuan
from store.messages import CitationPart, Outgoing, TextPart, Verb

FEWEST, MOST = 2, 10
Values = dict[str, str]


def patents_said(turn: Turn) -> list[Values]:
    """Return the patents that the message tells one after the other; none when it tells of one, or does not pair up."""
    numbers = [slot for slot in turn.slots(SlotKind.APPLICATION_NUMBER) if slot.value and not slot.problem]
    kinds = [slot for slot in turn.slots(SlotKind.RIGHT_TYPE) if str(slot.value) in PATENTS]
    days = [
        one.slot
        for one in days_told(turn)
        if one.of in OF_PATENT and one.day is not None and one.day <= turn.today
    ]
    said: list[Values] = []
    if len(numbers) >= FEWEST:
        for number in numbers[:MOST]:
            kind = parse_application_number(str(number.value)).right_type
            if kind is None or str(kind) not in NAMES:
                return []
            said.append({"申请号": str(number.value), "专利类型": NAMES[str(kind)]})
    elif len(kinds) >= FEWEST and len(kinds) == len(days):
        said = [{"专利类型": NAMES[str(kind.value)]} for kind in kinds[:MOST]]
    if len(days) != len(said):
        return said if numbers else []
    return [{**one, "申请日": str(day.value)} for one, day in zip(said, days, strict=True)]


def _name(one: Values) -> str:
    if one.get("申请号"):
        return f"{one['专利类型']} {one['申请号']}"
    day = format_day(date.fromisoformat(one["申请日"]))
    return say("asset.by_filing", kind=one["专利类型"], day=day)


@step("annuity: several")
def annuities(turn: Turn, said: list[Values]) -> Response | None:
    """Return the next annuity of each in a line, a button each for the whole; None when a day is missing."""
    lines: list[str] = []
    citations: list[str] = []
    for one in said:
        if "申请日" not in one:
            return None
        goal = Goal(kind=GoalKind.DEADLINE, subject=ANNUITY, values=one)
        try:
            owed = current_for(turn, goal).next
        except DeadlineInputError:
            return None
        if owed is None:
            lines.append(say("annuity.several_none", name=_name(one)))
            continue
        lines.append(
            say(
                "annuity.several_line",
                name=_name(one),
                year=owed.year,
                safe=format_day_with_weekday(owed.safe),
                amount=format_yuan(owed.payable),
            )
        )
        citations += cited(owed, turn.today).citations
    choices = [
        asking_for(_name(one), say("annuity.several_ask", kind=one["专利类型"], day=one["申请日"]))
        for one in said
    ]
    parts = (
        TextPart(text="\n".join([say("annuity.several"), *lines])),
        CitationPart(citations=tuple(dict.fromkeys(citations)), as_of=format_day(turn.today)),
    )
    return Response(turn.conversation, (Outgoing(parts=parts, choices=tuple(choices)),))


@step("asset: several kept")
def kept(turn: Turn, said: list[Values]) -> Response:
    """Keep each of them, and say of which a day is still missing."""
    effects = [effect for one in said if (effect := keep(one)) is not None]
    lines = [
        say(
            "asset.several_line",
            name=asset_name(effect.right_type, effect.number) if effect.number else _name(one),
        )
        if "申请日" in one
        else say("asset.several_no_day", name=_name(one))
        for one, effect in zip(said, effects, strict=True)
    ]
    words = "\n".join([say("asset.several", count=len(effects)), *lines])
    choices = (
        asking_for(say("asset.list_button"), say("asset.list_button")),
        button(say("asset.another_button"), Verb.START, "add_another_asset"),
    )
    return Response(turn.conversation, (Outgoing.say(words, *choices),), tuple(effects))
