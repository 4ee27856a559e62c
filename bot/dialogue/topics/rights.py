"""登记权利: keep a right, take it off the list, give it up in two steps, delete everything."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.add_asset import TYPE, asset_name, told_apart
from bot.dialogue.goals.work import begin
from bot.dialogue.own_words import asks_something
from bot.dialogue.steps import step
from bot.dialogue.topics import my_deadlines, several
from bot.dialogue.topics.payments import paid, says_paid
from bot.dialogue.topics.rights_meant import ALL, ask_which, rights_meant
from bot.dialogue.topics.said import OF_MARK, OF_PATENT, bad_number, mark_values, patent_values, unusable_date
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
_REMOVE = re.compile(r"(删除|删掉|去掉|移除|不要提醒|不用提醒)")
_GIVE_UP = re.compile(r"(放弃|不要了|不维持|不续了)")


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
    kind = turn.slot(SlotKind.RIGHT_TYPE)
    if kind is not None and kind.value == RightType.TRADEMARK:
        values, wanted = {TYPE: "trademark", **mark_values(turn)}, OF_MARK
    else:
        values, wanted = patent_values(turn), OF_PATENT
    known = _already(turn, values.get("申请号") or values.get("商标注册号") or "")
    if known is not None and not (set(values) - {"申请号", "专利类型", TYPE}):
        return already_kept(turn, known)
    goal = Goal(kind=GoalKind.ADD_ASSET, subject="new", values=values, intent="add_asset")
    return begin(turn, goal, unusable=unusable_date(turn, wanted))


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
