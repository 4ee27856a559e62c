"""登记权利: keep a right, take it off the list, give it up in two steps, delete everything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.add_asset import TYPE, asset_name, told_apart
from bot.dialogue.goals.annuity import KEPT
from bot.dialogue.goals.work import begin
from bot.dialogue.own_words import asks_something
from bot.dialogue.right_types import NAMES
from bot.dialogue.steps import step
from bot.dialogue.topics import my_deadlines, several
from bot.dialogue.topics.payments import paid, says_paid
from bot.dialogue.topics.rights_meant import ALL, ask_which, rights_meant
from bot.dialogue.topics.said import (
    OF_MARK,
    OF_PATENT,
    bad_number,
    good_number,
    mark_values,
    patent_values,
    unusable_date,
)
from bot.dialogue.topics.several import rights_said
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, button, reply, say
from bot.understanding.slots.right_types import RightType
from bot.understanding.slots.slot import SlotKind
from store.messages import Verb
from store.records import Asset

KEEP = re.compile(r"记下|记一|记两|记三|帮我记|登记一|登记下|加进|加到|录入|管起来|提醒我")
BEGINS_TO_KEEP = re.compile(
    r"^(请|麻烦)?(再|也|还要|帮我|给我)?(再|也)?(帮我)?(记|登记|加)(一|两|三|上|下|个)"
)
_REMIND = re.compile(r"^(?:请|麻烦|帮我|记得|到时候|到期)*提醒我(?!.*[吗么?？])")
_OF_MARK = frozenset({"商标注册日", "商标有效期至", "类别数"})
_OF_PATENT = frozenset({"专利类型", "申请日", "授权公告日", "年费减缴"})
_REMOVE = re.compile(r"(删除|删掉|去掉|移除|不要提醒|不用提醒)")
_GIVE_UP = re.compile(r"(放弃|不要了|不维持|不续了)")


def is_to_be_reminded(turn: Turn) -> bool:
    """Return whether a right is told to be reminded of: 提醒我 商标2026年12月27日到期 keeps it."""
    kinds = {str(slot.value) for slot in turn.slots(SlotKind.RIGHT_TYPE)}
    return (
        bool(kinds & NAMES.keys())
        and bool(turn.slots(SlotKind.DATE))
        and _REMIND.match(turn.text) is not None
    )


@step("asset: wish")
def add(turn: Turn) -> Response:
    """Keep the right that the message names; a wrong check digit is refused with the reason."""
    if says_paid(turn):
        return paid(turn)
    if _REMOVE.search(turn.text) or _GIVE_UP.search(turn.text):
        if turn.world.assets:
            return which_right(turn)
        if turn.slot(SlotKind.DATE) is None:
            return my_deadlines.answer(turn)  # says that nothing is kept
    problem = bad_number(turn)
    if problem:
        return refused(turn, problem)
    if said := rights_said(turn):
        only_asked = asks_something(turn.text) and not KEEP.search(turn.text)
        return (several.due(turn, said) if only_asked else None) or several.kept(turn, said)
    if _is_a_mark(turn):
        values, wanted = {TYPE: "trademark", **mark_values(turn)}, OF_MARK
    else:
        values, wanted = patent_values(turn), OF_PATENT
    values = {**_just_answered(turn, values), **values}
    known = _already(turn, values.get("申请号") or values.get("商标注册号") or "")
    if known is not None and not (set(values) - {"申请号", "专利类型", TYPE}):
        return already_kept(turn, known)
    goal = Goal(kind=GoalKind.ADD_ASSET, subject="new", values=values, intent="add_asset")
    return begin(turn, goal, unusable=unusable_date(turn, wanted))


def _just_answered(turn: Turn, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the last answer was about, where only the number of that right is now said: 注册号 12345678."""
    settled, numbered = turn.conversation.settled, {"申请号", "商标注册号"} & values.keys()
    if settled is None or settled.kind is not GoalKind.DEADLINE or not numbered:
        return {}
    if (
        len(set(values) - {"申请号", "商标注册号", "专利类型", TYPE})
        or turn.conversation.last_day != turn.today
    ):
        return {}
    wanted = _OF_MARK if "商标注册号" in values else _OF_PATENT
    about = {name: value for name, value in settled.values.items() if name in wanted and value is not None}
    filed = re.match(r"\d{4}", str(values.get("申请号", "")))
    another = KEPT in settled.values or values.get("专利类型", about.get("专利类型")) != about.get("专利类型")
    other_year = filed is not None and not str(about.get("申请日", "")).startswith(filed[0])
    return {} if another or other_year else about


def _is_a_mark(turn: Turn) -> bool:
    """A mark is named, or told by a number that only marks have: 注册号 12345678."""
    kind = turn.slot(SlotKind.RIGHT_TYPE)
    if kind is None:
        return turn.slot(SlotKind.REGISTRATION_NUMBER) is not None and not good_number(turn)
    return kind.value == RightType.TRADEMARK


def _already(turn: Turn, number: str) -> Asset | None:
    return next((asset for asset in turn.world.assets if number and asset.number == number), None)


@step("asset: refused")
def refused(turn: Turn, problem: str) -> Response:
    """Say why the number or day can not be kept, and what to do."""
    return reply(turn.conversation, say("asset.refused", problem=problem), PERSON_BUTTON)


@step("asset: already kept")
def already_kept(turn: Turn, asset: Asset) -> Response:
    """Say that the right stands on the list already; nothing is kept twice."""
    return reply(
        turn.conversation,
        say("asset.already", name=asset_name(asset.right_type, asset.number)),
        asking_for(say("asset.list_button"), say("asset.list_button")),
    )


@step("asset: take off, which")
def which_right(turn: Turn) -> Response:
    """Ask which right is to be taken off the list or given up; for the one that is meant, the second question."""
    give_up = _GIVE_UP.search(turn.text) is not None
    rights = rights_meant(turn, ALL) or turn.world.assets
    if len(rights) == 1:
        return (ask_to_give_up if give_up else ask_to_remove)(turn, rights[0].id)
    about = "give_up_asset" if give_up else "remove_asset"
    return ask_which(turn, rights, lambda asset, name: button(name, Verb.CONFIRM, about, str(asset.id)))


def _named(turn: Turn, asset_id: int) -> str:
    asset = next((item for item in turn.world.assets if item.id == asset_id), None)
    return "" if asset is None else told_apart(asset)


@step("asset: give up, first step")
def ask_to_give_up(turn: Turn, asset_id: int) -> Response:
    """放弃这件, first step: what is lost, and a second question."""
    return _second_question(turn, "give_up", asset_id)


@step("asset: remove, first step")
def ask_to_remove(turn: Turn, asset_id: int) -> Response:
    """Take a right off the list, first step."""
    return _second_question(turn, "remove", asset_id)


def _second_question(turn: Turn, subject: str, asset_id: int) -> Response:
    name = _named(turn, asset_id)
    if not name:
        return reply(turn.conversation, say("asset.not_yours"))
    goal = Goal(
        kind=GoalKind.CONFIRM,
        subject=subject,
        targets=(str(asset_id),),
        values={"what": say(f"confirm.ask_{subject}", name=name), "name": name},
        intent="add_asset",
    )
    return begin(turn, goal)


@step("company: forget, first step")
def ask_to_forget(turn: Turn) -> Response:
    """Delete everything known of the company, first step; not from a chat that was bound a moment ago."""
    if not turn.world.places.settled:
        return reply(turn.conversation, say("places.not_settled"), PERSON_BUTTON)
    goal = Goal(
        kind=GoalKind.CONFIRM, subject="forget", values={"what": say("confirm.ask_forget")}, intent="settings"
    )
    return begin(turn, goal)
