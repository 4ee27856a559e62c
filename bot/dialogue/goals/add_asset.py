"""The goal "keep this right": completes what is known of it. What is known is kept at once, the rest is added later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.dialogue.conversation import Goal
from bot.dialogue.effects import KeepAsset
from bot.dialogue.goals.inputs import REDUCTIONS, known_day
from bot.dialogue.goals.port import Ask
from bot.dialogue.replies.days import day_lines
from bot.dialogue.right_types import IDS, name_of
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, asking_for, button, say
from rules.days import format_day
from rules.deadlines.assets import AssetFacts
from rules.deadlines.counting import add_years
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.obligations import Obligation, obligations_of
from rules.money import format_yuan
from store.messages import CardPart, CitationPart, Outgoing, Part, TextPart, Verb
from store.records import Asset

TYPE = "权利类型"  # the id of the kind of right: invention, ..., trademark
FAR_YEARS = 11  # a mark is renewed every ten years: its next renewal lies within this
NUMBER_FIELDS = ("申请号", "商标注册号")
_PATENT_FIELDS = ("申请日", "申请号")
_MARK_FIELDS = ("商标注册日", "商标注册号")
DATE_FIELDS = {
    "filing": "申请日",
    "grant": "授权公告日",
    "registration": "商标注册日",
    "expiry": "商标有效期至",
}


class AddAsset:
    """Works on goals of the kind ADD_ASSET; `values[TYPE]` or the field 专利类型 says what kind of right it is."""

    def next_question(self, turn: Turn, goal: Goal) -> Ask | None:
        """Return the next thing to ask: the kind, then the day from which deadlines run, then the number."""
        if right_type(goal.values) is None:
            return Ask("专利类型")
        wanted = _MARK_FIELDS if right_type(goal.values) == "trademark" else _PATENT_FIELDS
        for name in wanted:
            if name == "商标注册日" and goal.values.get("商标有效期至"):
                continue
            if name not in goal.values and name not in goal.declined:
                told = name in NUMBER_FIELDS and name not in goal.asked and keep(goal.values) is not None
                return Ask(name, lead=say("asset.kept_first") if told else "")
        return None

    def finish(self, turn: Turn, goal: Goal) -> Response:
        """Return the right as kept, with what is due next."""
        return kept(turn, goal)


def right_type(values: Mapping[str, Any]) -> str | None:
    """Return the id of the kind of right, or None while it is not known."""
    return values.get(TYPE) or IDS.get(values.get("专利类型", ""))


def dates_of(values: Mapping[str, Any]) -> dict[str, date]:
    """Return the days that are known, by their names in the store."""
    known = {key: known_day(values, field) for key, field in DATE_FIELDS.items()}
    return {key: day for key, day in known.items() if day is not None}


def keep(values: Mapping[str, Any]) -> KeepAsset | None:
    """Return the effect that keeps the right as far as it is known, or None while nothing could be told from another."""
    kind, dates = right_type(values), dates_of(values)
    number = values.get("申请号") or values.get("商标注册号") or ""
    if kind is None or not (dates or number):
        return None
    reduction = values.get("年费减缴")
    details = {} if reduction is None else {"reduction": REDUCTIONS[reduction]}
    return KeepAsset(right_type=kind, number=number, dates=dates, details=details)


@step("asset: kept")
def kept(turn: Turn, goal: Goal) -> Response:
    """Say what is now kept and what is due next, and offer what comes next."""
    effect = keep(goal.values)
    settled = turn.conversation.settle()
    if effect is None:
        return Response(settled, (Outgoing.say(say("asset.nothing_known")),))
    parts: list[Part] = [TextPart(text=say("asset.kept", name=asset_name(effect.right_type, effect.number)))]
    parts += due_next(turn, effect)
    choices = (
        asking_for(say("asset.list_button"), say("asset.list_button")),
        button(say("asset.another_button"), Verb.START, "add_another_asset"),
    )
    return Response(settled, (Outgoing(parts=tuple(parts), choices=choices, intent=goal.intent),), (effect,))


def asset_name(kind: str, number: str) -> str:
    """Return `发明专利 ZL…`, or the kind with 号码待补."""
    return f"{name_of(kind)} {number}" if number else say("asset.unnumbered", kind=name_of(kind))


def told_apart(asset: Asset) -> str:
    """Return the name of a kept right; without a number its first day tells it from the others."""
    if not asset.number:
        for key in ("filing", "registration", "expiry"):
            if key in asset.dates:
                day = format_day(date.fromisoformat(str(asset.dates[key])))
                return say(f"asset.by_{key}", kind=name_of(asset.right_type), day=day)
    return asset_name(asset.right_type, asset.number)


def due_next(turn: Turn, effect: KeepAsset) -> list[Part]:
    """Return the next obligation of the right in words, or what is missing to compute one."""
    try:
        facts = AssetFacts.model_validate(
            {"kind": effect.right_type, "number": effect.number, **effect.dates, **effect.details}
        )
        due = obligations_of(turn.world.knowledge.law, facts, turn.today, add_years(turn.today, FAR_YEARS))
    except DeadlineInputError as error:
        return [TextPart(text=error.message_zh)]
    late = _late(due, turn.today)
    ahead = sorted((item for item in due if item.safe >= turn.today), key=lambda item: item.safe)
    if not ahead:
        return late or [TextPart(text=say("asset.no_days_yet"))]
    first = ahead[0]
    lines = day_lines(first.safe, first.nominal, first.legal)
    if first.amount is not None:
        lines.append((say("deadline.label_amount"), format_yuan(first.amount)))
    citations = tuple(str(citation) for citation in first.citations)
    return [
        *late,
        CardPart(
            title=first.title_zh, lines=tuple(lines), note=say("asset.reminded", safe=format_day(first.safe))
        ),
        CitationPart(citations=citations, as_of=format_day(turn.today)),
    ]


def _late(due: Sequence[Obligation], today: date) -> list[Part]:
    """Return what can still be paid late, said first: it ends sooner than the next falls due."""
    told: list[Part] = []
    for item in due:
        step = next((step for step in item.ladder if step.first <= today <= step.last), None)
        if step is None or item.grace_end is None:
            continue
        words = say(
            "asset.late",
            title=item.title_zh,
            nominal=format_day(item.nominal),
            grace=format_day(item.grace_end),
            total=format_yuan(step.total),
        )
        told.append(TextPart(text=words))
    return told
