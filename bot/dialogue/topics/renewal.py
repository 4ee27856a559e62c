"""商标续展: window, last day, grace period, fees."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.annuity import KEPT
from bot.dialogue.goals.deadline import RENEWAL
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.payments import paid, says_paid
from bot.dialogue.topics.plain_questions import plainly_asked
from bot.dialogue.topics.rights_meant import MARKS, ask_which, rights_meant
from bot.dialogue.topics.said import OF_MARK, asset_values, mark_values, unusable_date
from bot.dialogue.turn import Response, Turn, asking_for, button, say
from store.messages import Verb
from store.records import Asset

_OTHER = re.compile(r"(变更|改名|地址|更名|补证|补发|遗失|丢了|证书)")
_OPENERS = frozenset({"trademark_renewal.when"})  # the entry of the FAQ that asks for one's own mark


@step("renewal: wish")
def renew(turn: Turn) -> Response:
    """Answer when a mark can and must be renewed; changes of name or address are answered from the FAQ."""
    if _OTHER.search(turn.text) and "续展" not in turn.text:
        return faq.answer(turn)
    if says_paid(turn):
        return paid(turn)
    own_case = asking_for(say("renewal.own_button"), say("topic.trademark_renewal"))
    if answer := plainly_asked(turn, "trademark_renewal", _OPENERS, own_case, (RENEWAL,)):
        return answer
    values = mark_values(turn)
    if not {"商标注册日", "商标有效期至"} & values.keys():
        meant = rights_meant(turn, MARKS)
        if len(meant) > 1:
            return ask_which(turn, meant, lambda mark, name: button(name, Verb.START, RENEWAL, str(mark.id)))
        if meant:
            values = {**asset_values(turn, meant[0]), **values}
    return _compute(turn, values)


def of_kept_mark(turn: Turn, asset: Asset) -> Response:
    """Answer for a mark of the list that a button names."""
    return _compute(turn, asset_values(turn, asset))


def _compute(turn: Turn, values: dict[str, object]) -> Response:
    goal = Goal(kind=GoalKind.DEADLINE, subject=RENEWAL, values=values, intent="trademark_renewal")
    return begin(turn, goal, unusable=None if KEPT in values else unusable_date(turn, OF_MARK))
