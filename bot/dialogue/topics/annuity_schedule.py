"""以后每年的年费: every annuity that lies ahead of a patent, year by year, with what it comes to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import RecordAnswer
from bot.dialogue.goals.annuity import ANNUITY, KEPT, LATE, answer_annuity, current_for
from bot.dialogue.goals.inputs import REDUCTIONS, known_day
from bot.dialogue.replies.annuity import cited
from bot.dialogue.right_types import IDS, PATENTS
from bot.dialogue.steps import step
from bot.dialogue.topics.rights_meant import ask_which, rights_meant
from bot.dialogue.topics.said import asset_values, patent_values
from bot.dialogue.turn import Response, Turn, asking_for, button, say
from rules.days import format_day
from rules.deadlines.annuity import Annuity, annuity, term_years
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.schema import RightType
from rules.money import format_yuan
from store.messages import Choice, CitationPart, Outgoing, TablePart, TextPart, Verb
from store.records import Asset

SCHEDULE = "annuity_schedule"
_EVERY = r"(以后|今后|往后|后面|剩下|全部|所有|历年|逐年|每年|每一年|各年|一共|总共|(?<![\d第一二三四五六七八九十])(20|15|10|二十|十五?)年|整个保护期)"
_TOLD = r"(多少|几钱|一览|列|表|明细|算|一共|总共|看看|费用)"
_WISH = re.compile(
    rf"{_EVERY}.{{0,8}}年费.{{0,8}}{_TOLD}|年费.{{0,8}}{_EVERY}.{{0,8}}{_TOLD}|{_TOLD}.{{0,6}}{_EVERY}.{{0,6}}年费|年费(一览|明细|总)?表"
)


def asked(turn: Turn) -> Response | None:
    """Return the schedule of the patent that the message tells, that was just answered, or that is kept.

    None where it is no such wish, something else is open, or no patent is known: then the next annuity is answered.
    """
    if turn.conversation.goal is not None or not _WISH.search(turn.text):
        return None
    values: dict[str, Any] = patent_values(turn)
    settled = turn.conversation.settled
    if "申请日" in values and "专利类型" in values:
        return show(turn, values)
    if settled is not None and settled.subject in (ANNUITY, LATE) and "申请日" in settled.values:
        return show(turn, settled.values)
    meant = rights_meant(turn, PATENTS)
    if len(meant) > 1:
        return ask_which(turn, meant, _of)
    return show(turn, asset_values(turn, meant[0])) if meant else None


def pressed(turn: Turn, value: str) -> Response | None:
    """Return the schedule of the right that a button names, or of the answer before it; None where there is none."""
    if value:
        asset = next((asset for asset in turn.world.assets if str(asset.id) == value), None)
        return show(turn, asset_values(turn, asset)) if asset is not None else None
    settled = turn.conversation.settled
    return show(turn, settled.values) if settled is not None and settled.subject == ANNUITY else None


def _of(asset: Asset, name: str) -> Choice:
    return button(name, Verb.START, SCHEDULE, str(asset.id))


@step("annuity: every year ahead")
def show(turn: Turn, values: Mapping[str, Any]) -> Response | None:
    """Return all annuities ahead; for a patent without any what is told of its end; None where it cannot be computed."""
    goal = Goal(
        kind=GoalKind.DEADLINE,
        subject=ANNUITY,
        values={name: value for name, value in values.items() if name != "年度"},
        intent="annuity_fee",
    )
    began = turn.with_conversation(turn.conversation.start(goal))
    try:
        owed = _ahead(began, goal)
        if not owed:
            return answer_annuity(began, goal)
    except (DeadlineInputError, KeyError):
        return None
    message = Outgoing(
        parts=(
            TextPart(text=_lead(goal, owed)),
            _table(owed),
            *([TextPart(text=say("schedule.provisional"))] if any(one.provisional for one in owed) else []),
            CitationPart(
                citations=tuple(
                    dict.fromkeys(citation for one in owed for citation in cited(one, turn.today).citations)
                ),
                as_of=format_day(turn.today),
            ),
        ),
        choices=_choices(goal),
        intent=goal.intent,
    )
    recorded = RecordAnswer(goal.values, tuple(one.model_dump(mode="json") for one in owed))
    return Response(began.conversation.settle(), (message,), (recorded,))


def _ahead(turn: Turn, goal: Goal) -> list[Annuity]:
    following = current_for(turn, goal).next
    if following is None:
        return []
    law, kind = turn.world.knowledge.law, RightType(IDS[goal.values["专利类型"]])
    filing = date.fromisoformat(goal.values["申请日"])
    years, _ = term_years(law, kind, filing)
    return [
        annuity(
            law,
            kind,
            filing,
            year,
            grant=known_day(goal.values, "授权公告日"),
            reduction=REDUCTIONS.get(goal.values.get("年费减缴", "")),
            as_of=turn.today,
        )
        for year in range(following.year, years + 1)
    ]


def _lead(goal: Goal, owed: Sequence[Annuity]) -> str:
    return say(
        "schedule.lead",
        kind=goal.values["专利类型"],
        filing=format_day(owed[0].filing),
        count=len(owed),
        first=owed[0].year,
        last=owed[-1].year,
        total=format_yuan(sum(one.payable for one in owed)),
        safe=format_day(owed[0].safe),
        amount=format_yuan(owed[0].payable),
    )


def _table(owed: Sequence[Annuity]) -> TablePart:
    columns = ("year", "safe", "legal", "amount")
    return TablePart(
        title=say("schedule.title"),
        columns=tuple(say(f"schedule.column_{name}") for name in columns),
        rows=tuple(
            (
                say("schedule.year", year=one.year),
                format_day(one.safe),
                format_day(one.legal),
                format_yuan(one.payable),
            )
            for one in owed
        ),
    )


def _choices(goal: Goal) -> tuple[Choice, ...]:
    if KEPT in goal.values:
        return (asking_for(say("asset.list_button"), say("asset.list_button")),)
    return (button(say("annuity.keep_button"), Verb.START, "add_asset"),)
