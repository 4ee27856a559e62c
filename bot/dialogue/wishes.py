"""A new wish: which topic answers which intent. Two wishes in one message are both seen."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.dialogue.follow_ups import is_elliptic
from bot.dialogue.goals.work import resume
from bot.dialogue.own_words import asks_something
from bot.dialogue.prefill import only_tells_where
from bot.dialogue.requests import SURE_OF_ANOTHER, only_states
from bot.dialogue.steps import step
from bot.dialogue.topics import (
    annuity,
    deadlines,
    faq,
    my_deadlines,
    named_rules,
    person,
    renewal,
    rights,
    settings,
    several,
    smalltalk,
    unclear,
)
from bot.dialogue.topics.rules import check_subject, subject_topic
from bot.dialogue.topics.said import mark_values, reduction_said
from bot.dialogue.topics.several import rights_said
from bot.dialogue.turn import Response, Turn, asking_for, say
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import SlotKind
from bot.understanding.understand import Understood, Verdict
from store.messages import Choice

SHORT_ANSWER = 4
A_SENTENCE = 8
Topic = Callable[[Turn], Response]

TOPICS: dict[Intent, Topic] = {
    Intent.ANNUITY_FEE: annuity.fee,
    Intent.ANNUITY_LATE: annuity.late,
    Intent.FEE_REDUCTION: subject_topic("fee_reduction"),
    Intent.SUBSIDY: subject_topic("subsidy"),
    Intent.PLEDGE: lambda turn: named_rules.pledge(turn) or subject_topic("pledge")(turn),
    Intent.INSURANCE: subject_topic("insurance"),
    Intent.INFRINGEMENT_PATENT: subject_topic("route_patent"),
    Intent.INFRINGEMENT_TRADEMARK: subject_topic("route_trademark"),
    Intent.INFRINGEMENT_COPYRIGHT: subject_topic("route_copyright"),
    Intent.TRADE_SECRET: subject_topic("route_secret"),
    Intent.PLATFORM_COMPLAINT: subject_topic("route_platform"),
    Intent.TRADEMARK_RENEWAL: renewal.renew,
    Intent.PATENT_PROSECUTION: deadlines.prosecution,
    Intent.TRADEMARK_DISPUTE: deadlines.trademark,
    Intent.MY_DEADLINES: my_deadlines.answer,
    Intent.ADD_ASSET: rights.add,
    Intent.HUMAN_AGENT: lambda turn: _asked_of_a_person(turn),
    Intent.SETTINGS: settings.answer,
    Intent.SMALLTALK: smalltalk.answer,
    Intent.OUT_OF_SCOPE: unclear.off_topic,
}
"""Intents that are not here are answered from the FAQ, or by the rule that the message names."""

NOT_BESIDE: dict[Intent, frozenset[Intent]] = {
    first: frozenset({Intent.PATENT_FILING, Intent.ANNUITY_FEE, Intent.ANNUITY_LATE, Intent.MY_DEADLINES})
    for first in (Intent.ANNUITY_FEE, Intent.ANNUITY_LATE)
} | {
    Intent.ADD_ASSET: frozenset({Intent.PATENT_FILING, Intent.TRADEMARK_FILING, Intent.MY_DEADLINES}),
    Intent.PATENT_PROSECUTION: frozenset({Intent.PATENT_FILING, Intent.MY_DEADLINES, Intent.FAST_EXAM}),
    Intent.TRADEMARK_DISPUTE: frozenset(
        {Intent.TRADEMARK_FILING, Intent.MY_DEADLINES, Intent.PATENT_PROSECUTION}
    ),
    Intent.TRADEMARK_RENEWAL: frozenset({Intent.TRADEMARK_FILING, Intent.MY_DEADLINES}),
    Intent.FEE_REDUCTION: frozenset({Intent.PATENT_FILING}),
    Intent.PLEDGE: frozenset({Intent.PATENT_FILING, Intent.TRADEMARK_FILING, Intent.VALUATION}),
    Intent.SUBSIDY: frozenset({Intent.PATENT_FILING, Intent.TRADEMARK_FILING, Intent.OVERSEAS}),
    Intent.INSURANCE: frozenset({Intent.PATENT_FILING}),
    Intent.LAWSUIT: frozenset(
        {Intent.INFRINGEMENT_PATENT, Intent.INFRINGEMENT_TRADEMARK, Intent.INFRINGEMENT_COPYRIGHT}
    ),
}
"""What tells the story of the first wish and is no wish of its own: 发明2020年9月申请的, 年费多少."""
_OF_ANNUITIES = re.compile(r"年费|年金|[交缴]|多少钱|保护|有效|过期")
_NO_WISHES = frozenset({Intent.OTHER_IP, Intent.OUT_OF_SCOPE, Intent.SMALLTALK})
_MAY_BE_A_PAPER = frozenset({Intent.PATENT_FILING, Intent.TRADEMARK_FILING, Intent.FAST_EXAM})
_BARE_VALUES = frozenset({SlotKind.AMOUNT, SlotKind.COUNT, SlotKind.NUMBER, SlotKind.DATE, SlotKind.PERCENT})


def answer_wish(turn: Turn) -> Response:
    """Return the answer to what the message was taken for, an offer of the nearest topics, or an honest refusal."""
    understood = turn.heard.understood
    if understood is None:
        return unclear.nothing_to_read(turn)
    before = turn.conversation.goal
    if before is None and _answers_nothing(turn):
        return unclear.nothing_asked(turn)
    response = _plainly_meant(turn) or _by_verdict(turn, understood)
    return response if before is None else _back_to(turn, response)


def _by_verdict(turn: Turn, understood: Understood) -> Response:
    goal = turn.conversation.goal
    asked = goal is not None and goal.question is not None
    if asked and (_says_nothing_new(turn, understood) or only_states(turn)):
        return unclear.not_an_answer(turn)
    if is_elliptic(turn) and understood.confidence < SURE_OF_ANOTHER:
        return unclear.not_an_answer(turn) if asked else unclear.elliptic(turn)
    if understood.verdict is Verdict.ANSWER:
        return _with_second(turn, understood)
    if understood.verdict is Verdict.CHOOSE and (settled := _settled_choice(turn, understood)) is not None:
        return settled
    if not asked and (entry := faq.asked_plainly(turn)):
        return faq.plainly(turn, entry)
    if goal is not None and asks_something(turn.text) and (entry := faq.asked_of(turn, goal.intent)):
        return faq.plainly(turn, entry)
    if understood.verdict is Verdict.CHOOSE and (not asked or len(turn.text) >= A_SENTENCE):
        return unclear.choose(turn)
    return unclear.not_an_answer(turn) if asked else unclear.not_understood(turn)


def _settled_choice(turn: Turn, understood: Understood) -> Response | None:
    """Two likely wishes that need no choosing: two clauses that say one each, or an annuity, late or not."""
    best = {intent for intent, _ in understood.alternatives[:2]}
    if understood.second is not None and best == {understood.intent, understood.second}:
        return _with_second(turn, understood)
    if best == {Intent.ANNUITY_FEE, Intent.ANNUITY_LATE}:
        return annuity.fee(_noting(turn, Intent.ANNUITY_FEE))
    return None


def _answers_nothing(turn: Turn) -> bool:
    """A yes, a number, a day, with nothing asked."""
    if turn.slot(SlotKind.ANSWER) is not None and len(turn.text) <= SHORT_ANSWER:
        return True
    return _nothing_beside(turn, _BARE_VALUES)


def _nothing_beside(turn: Turn, kinds: frozenset[SlotKind]) -> bool:
    """Return whether the message is one value of these kinds and no other word."""
    rest = list(turn.text)
    for slot in turn.heard.understood.slots if turn.heard.understood else ():
        if slot.kind in kinds:
            rest[slot.start : slot.end] = []
            break
    return len(rest) < len(turn.text) and not any(character.isalpha() for character in rest)


def _says_nothing_new(turn: Turn, understood: Understood) -> bool:
    """五百万吧 resembles small talk, 发明 a wish; as long as a question is open they are answers not understood."""
    if _nothing_beside(turn, frozenset({SlotKind.RIGHT_TYPE})) or _nothing_beside(turn, _BARE_VALUES):
        return True
    if understood.intent is not Intent.SMALLTALK:
        return False
    return bool(turn.slots(SlotKind.AMOUNT) or turn.slots(SlotKind.COUNT) or turn.slots(SlotKind.NUMBER))


def _plainly_meant(turn: Turn) -> Response | None:
    """Words that leave no doubt, whatever the message resembles: a paper with a day, 别再推送, abuse."""
    understood = turn.heard.understood
    if understood is None:
        return None
    unsure = understood.verdict is not Verdict.ANSWER
    if (dated := deadlines.dated_act(turn)) is not None:
        return dated
    if turn.conversation.goal is None and only_tells_where(turn):
        return check_subject(_noting(turn, Intent.SUBSIDY), "subsidy")
    if unsure and settings.is_setting(turn):
        return settings.answer(_noting(turn, Intent.SETTINGS))
    if unsure and unclear.is_complaint(turn):
        return unclear.complained(turn)
    if unsure and (response := named_rules.accused(turn)) is not None:
        return response
    if (unsure or rights.BEGINS_TO_KEEP.match(turn.text)) and (said := rights_said(turn)):
        if rights.KEEP.search(turn.text):
            return several.kept(_noting(turn, Intent.ADD_ASSET), said)
        if "年费" in turn.text:
            return several.due(_noting(turn, Intent.ANNUITY_FEE), said)
    registered = understood.intent is Intent.TRADEMARK_FILING and _is_registered(turn)
    if registered or rights.is_to_be_reminded(turn):
        return rights.add(_noting(turn, Intent.ADD_ASSET))
    story = understood.intent is Intent.ANNUITY_FEE and not _OF_ANNUITIES.search(turn.text)
    if (unsure or story or understood.intent in _MAY_BE_A_PAPER) and (
        paper := deadlines.named_paper(turn)
    ) is not None:
        return paper
    return named_rules.plainly_named(turn)


def _is_registered(turn: Turn) -> bool:
    """A mark told by its number and its day is registered: whoever wants it 登记 wants it kept."""
    values = mark_values(turn)
    return "商标注册号" in values and bool({"商标注册日", "商标有效期至"} & values.keys())


def _asked_of_a_person(turn: Turn) -> Response:
    """Hand on, unless it is a question that we can answer: 保护中心电话多少 calls for nobody."""
    entry = faq.asked_plainly(turn) if len(turn.text) > person.A_CALL else None
    return faq.plainly(turn, entry) if entry else person.ask_consent(turn, said=turn.text)


def _topic(intent: Intent) -> Topic:
    return TOPICS.get(intent, named_rules.answer)


def _noting(turn: Turn, intent: Intent) -> Turn:
    return turn.with_conversation(turn.conversation.model_copy(update={"last_intent": intent.value}))


def _with_second(turn: Turn, understood: Understood) -> Response:
    """Answer the first wish; the second is named at once and offered when the first is done."""
    first, second = understood.intent, understood.second
    if second is Intent.ADD_ASSET and rights.BEGINS_TO_KEEP.match(turn.text):
        first, second = second, None  # what follows only tells of the right
    # Told of, not asked: a reduction that one has, a patent's day of filing.
    told = (second is Intent.FEE_REDUCTION and reduction_said(turn) is not None) or (
        second is Intent.ANNUITY_FEE and not _OF_ANNUITIES.search(turn.text)
    )
    if second is None or told or second in NOT_BESIDE.get(first, frozenset()) or second in _NO_WISHES:
        return _topic(first)(_noting(turn, first))
    if (
        first not in TOPICS
        and second in TOPICS
        and not faq.answers(turn.world.faq.find(turn.text, turn.today, first))
    ):
        return _topic(second)(_noting(turn, second))
    response = _topic(first)(_noting(turn, first))
    conversation = response.conversation.model_copy(update={"later": second.value})
    noted = Response(conversation, response.replies, response.effects)
    if conversation.goal is None or conversation.goal.question is None or not response.replies:
        return noted
    return noted.led_by(
        say("wish.two", first=say(f"topic.{first.value}"), second=say(f"topic.{second.value}"))
    )


def second_wish(intent: Intent) -> Choice:
    """Return the button that asks about an intent in plain words."""
    question = say(f"topic.{intent.value}")
    return asking_for(question, question)


@step("digression")
def _back_to(turn: Turn, response: Response) -> Response:
    """After a digression ask the open question again, unless the answer began something of its own."""
    goal, was = response.conversation.goal, turn.conversation.goal
    if goal is None or was is None or goal.question is None or not goal.same_as(was):
        return response
    if goal != was or _asks(response, goal.question.name):
        return response
    again = resume(turn.with_conversation(response.conversation), lead=say("goal.back_to"))
    return Response(again.conversation, (*response.replies, *again.replies), response.effects)


def _asks(response: Response, name: str) -> bool:
    """Return whether the response asks that question already: the same wish once more."""
    return any(choice.action.about == name for said in response.replies for choice in said.choices)
