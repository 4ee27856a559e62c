"""商标续展: window, last day, grace period, fees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.annuity import KEPT
from bot.dialogue.goals.inputs import known_day
from bot.dialogue.goals.renewal import NTH_TERM, RENEWAL
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.payments import paid, says_paid
from bot.dialogue.topics.plain_questions import plainly_asked
from bot.dialogue.topics.rights_meant import MARKS, ask_which, rights_meant
from bot.dialogue.topics.said import OF_MARK, asset_values, mark_values, unusable_date
from bot.dialogue.topics.several import due, rights_said
from bot.dialogue.turn import Response, Turn, asking_for, button, say
from rules.deadlines.renewal import mark_expiry
from store.messages import Verb
from store.records import Asset

_OTHER = re.compile(r"(变更|改名|地址|更名|补证|补发|遗失|丢了|证书)")
_NOT_RENEWED = re.compile(r"(没有?|未|忘了?|忘记|漏)(去|办|做|交)?(过|了)?续展?(?!费)|忘了?办?续")
_OPENERS = frozenset({"trademark_renewal.when"})  # the entry of the FAQ that asks for one's own mark


@step("renewal: wish")
def renew(turn: Turn) -> Response:
    """Answer when a mark can and must be renewed; changes of name or address are answered from the FAQ."""
    if _OTHER.search(turn.text) and "续展" not in turn.text:
        return faq.answer(turn)
    if says_paid(turn):
        return paid(turn)
    if (said := rights_said(turn)) and (answer := due(turn, said)) is not None:
        return answer
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
    return _compute(turn, {**values, **_term_not_renewed(turn, values)})


def _term_not_renewed(turn: Turn, values: Mapping[str, Any]) -> dict[str, int]:
    """Return which ten years ended last, where they are said not to have been renewed: no later ones began."""
    registered = known_day(values, "商标注册日")
    if registered is None or not _NOT_RENEWED.search(turn.text):
        return {}
    ended = 1
    while mark_expiry(registered, ended + 1) < turn.today:
        ended += 1
    return {NTH_TERM: ended}


def of_kept_mark(turn: Turn, asset: Asset) -> Response:
    """Answer for a mark of the list that a button names."""
    return _compute(turn, asset_values(turn, asset))


def _compute(turn: Turn, values: dict[str, object]) -> Response:
    goal = Goal(kind=GoalKind.DEADLINE, subject=RENEWAL, values=values, intent="trademark_renewal")
    return begin(turn, goal, unusable=None if KEPT in values else unusable_date(turn, OF_MARK))
