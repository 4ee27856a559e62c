"""Reads a message as the answer to an open question about a fact of the dictionary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.dialogue.days_told import OF_FIELD, DayOf, day_of, days_told
from bot.dialogue.own_words import asks_something, clauses, qualifies, values_told
from bot.dialogue.partly_said import Partly, completed, partly_said
from bot.dialogue.questions import YES_AND_NO
from bot.dialogue.stated import values_answered
from bot.dialogue.turn import Turn, say
from bot.understanding.fuzzy import match_name
from bot.understanding.slots.slot import AmountRange, CountRange, Period, Slot, SlotKind
from bot.understanding.slots.yes_no import Answer
from rules.days import format_day
from rules.errors import FactError
from rules.facts import FactDefinition, FactType, FactValue

SAID = "您说的"
_DO_NOT_KNOW = re.compile(
    r"^[我们也还都真的确实嗯额这那个,，]{0,8}(不清楚|不太清楚|不知道|不晓得|不了解|不懂|不确定|记不清|记不得|忘记?了|没印象|没有?问过)[了啊呀呢吧哦的诶哎。!,，~… ]*$"
)
PAST = frozenset({"申请日", "授权公告日", "商标注册日", "发文日", "收到日"})
"""Days that cannot lie ahead."""


@dataclass(frozen=True, slots=True)
class Given:
    """The fact as the person gave it."""

    fact: FactValue


@dataclass(frozen=True, slots=True)
class Declined:
    """不清楚: not asked again in this goal."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """It is meant as an answer, and this is what is wrong with it."""

    problem: str
    readings: tuple[date, ...] = ()  # the days it may mean, to choose from
    partly: str = ""  # what was said of a day that is not complete: the next message may complete it


Reading = Given | Declined | Unusable | None


def read_answer(definition: FactDefinition, turn: Turn) -> Reading:
    """Return how the message answers the question, or None when it is not an answer to it."""
    answer = turn.slot(SlotKind.ANSWER)
    if (answer is not None and answer.value == Answer.UNCLEAR) or _DO_NOT_KNOW.match(turn.text):
        return Declined()
    found = _from_slots(definition, turn, answer) or _only_yes(definition, turn, answer)
    if found is not None:
        return found
    match definition.type:
        case FactType.TEXT:
            return _number_of_right(definition, turn, answer)
        case FactType.BOOL:
            return _own_words(definition, turn)
        case _:
            return read_words(definition, turn.text, turn.today)


_THEN = {
    FactType.ENUM: "ask.which_one",
    FactType.SET: "ask.which_one",
    FactType.DATE: "ask.which_day_then",
    FactType.MONEY: "ask.which_number",
    FactType.INT: "ask.which_number",
    FactType.NUMBER: "ask.which_number",
}


def _only_yes(definition: FactDefinition, turn: Turn, answer: Slot | None) -> Unusable | None:
    """A bare 有的 says that there is one and not which: 得过哪一级的专利奖."""
    if answer is None or answer.value != Answer.YES or definition.type not in _THEN:
        return None
    rest = turn.text[: answer.start] + turn.text[answer.end :]
    if any(clause for clause in clauses(rest) if _ENDING.sub("", clause)) or answer.text in _words(
        definition
    ):
        return None
    return Unusable(say(_THEN[definition.type]))


def _words(definition: FactDefinition) -> frozenset[str]:
    return frozenset(word for value in definition.values for word in definition.words(value))


def read_words(definition: FactDefinition, text: str, today: date) -> Reading:
    """Return how plain words answer the question: the words of its values, their aliases, or close to one."""
    try:
        return Given(FactValue.read(definition, text, source=SAID, day=today))
    except FactError as error:
        if definition.type in (FactType.ENUM, FactType.SET):
            return _by_name(definition, text, today)
        if definition.type in (FactType.MONEY, FactType.INT, FactType.NUMBER) and _looks_like_number(text):
            return Unusable(str(error))
        return None


_NOT = re.compile(r"^(?:我们?|公司|这个|这件|还|都|也|从来|目前|暂时)*(?:没有?|未|不|无)")
_TELLS = re.compile(r"^(?:我们?|公司|这个|这件)*(?:已|早就|还|有|在|是)|[了的过着][啊呀呢吧哦。.!,]*$")
_SOUNDS = re.compile(r"^(?:我们?|公司|这个|这件|已经?|早就|都|还|有|是)+")
_ENDING = re.compile(r"[了的过啊呀呢吧嗯哦。.!,]+$")
_WHETHER = re.compile(r"有没有|是不是|能不能|会不会|要不要|可不可以")
_IN_BRACKETS = re.compile(r"[(（].*?[)）]")
LEAST_OWN_WORDS = 2


def _own_words(definition: FactDefinition, turn: Turn) -> Reading:
    """Read 交了 by the words of the two values, 注册了的 or 没有质押过 by those of the question, clause by clause.

    What says both, or yes with a but, is asked again.
    """
    said = values_told(definition, turn.text)
    if not asks_something(turn.text) and not qualifies(turn.text):
        said |= {value for clause in clauses(turn.text) if (value := _of_question(definition, clause))}
    if len(said) > 1:
        return Unusable(say("ask.yes_or_no"))
    return _given(definition, said == {"true"}, turn) if said else None


def _of_question(definition: FactDefinition, clause: str) -> str | None:
    """Return `true` or `false`: what is left without 没, 了, 的 must be words of the question itself.

    A question that itself says 没 or 不 is not read so: a no to it would be a yes.
    """
    asked = _WHETHER.sub("", _IN_BRACKETS.sub("", f"{definition.name}，{definition.ask}"))
    if re.search(r"[没未无不]", asked):
        return None
    denied = _NOT.match(clause)
    if denied is None and not _TELLS.search(clause):
        return None  # 专利 alone is a word of the question too, and no yes
    said = clause[denied.end() :] if denied else clause
    left = {said, _ENDING.sub("", said), _SOUNDS.sub("", _ENDING.sub("", said))}
    if not any(len(words) >= LEAST_OWN_WORDS and _asks_whether(asked, words) for words in left):
        return None
    return "true" if denied is None else "false"


_ONLY_NAMES = re.compile(
    r"专利权?|商标|著作权|版权|作品|软件|公司|企业|产品|技术|对方|别人|银行|发明|知识产权"
)


def _asks_whether(asked: str, words: str) -> bool:
    """Return whether the question is about the words, and they neither name a thing nor only describe one: 去质押的公司."""
    return (
        not _ONLY_NAMES.fullmatch(words)
        and re.search(f"{re.escape(words)}(?!的[^,，。？]{{0,3}}[人公件家])", asked) is not None
    )


_MARK_NUMBER = re.compile(r"(?<![0-9a-z])(g?\d{5,8}[a-z]?)(?![0-9a-z])", re.IGNORECASE)
_LATER = re.compile(r"(以后|回头|晚点|待会|稍后|暂时|先不|还没|没有|不在|跳过)")
LONGEST_PUT_OFF = 12


def _number_of_right(definition: FactDefinition, turn: Turn, answer: Slot | None) -> Reading:
    """Read the number of a right; 以后再补 where it may be missing. Other words are no number."""
    if definition.prefill.startswith("slot:"):
        slot = turn.slot(SlotKind(definition.prefill.removeprefix("slot:")))
        if slot is not None and slot.value is not None and not slot.problem:
            return _given(definition, str(slot.value), turn)
        if slot is not None and slot.problem:
            return Unusable(slot.problem)
        is_mark = definition.prefill == f"slot:{SlotKind.REGISTRATION_NUMBER}"
        if is_mark and (found := _MARK_NUMBER.search(turn.text)):
            return _given(definition, found[1].upper(), turn)
        if _looks_like_number(turn.text):
            return Unusable(say("ask.number_form", label=definition.name))
    put_off = len(turn.text) <= LONGEST_PUT_OFF and _LATER.search(turn.text)
    said_none = answer is not None and answer.value in (Answer.NONE, Answer.NO)
    if definition.absent and (put_off or said_none or turn.text == definition.absent):
        return _given(definition, definition.absent, turn)
    return None


def _looks_like_number(text: str) -> bool:
    return any(character.isdigit() for character in text) and len(text) <= 24


_NTH = re.compile(r"^(?:选|第|选第|就第)([一二三四五六七八九十]|[0-9]{1,2})(?:个|项|种|条)?[吧。]?$")
_PLACES = {numeral: place for place, numeral in enumerate("一二三四五六七八九十", start=1)}
LONGEST_NAME = 12
LEAST_PART = 0.25
"""专利 is a part of 行政机关查处或专利行政裁决, and too little of it to mean it."""


def _by_name(definition: FactDefinition, text: str, today: date) -> Reading:
    said = values_answered(definition, text)
    if said and definition.type is FactType.SET:
        return Given(FactValue.read(definition, said, source=SAID, day=today))
    if len(said) == 1:
        return Given(FactValue.read(definition, said[0], source=SAID, day=today))
    if (nth := _NTH.match(text)) and definition.type is FactType.ENUM:
        place = _PLACES.get(nth[1]) or int(nth[1] if nth[1].isdecimal() else 0)
        if 1 <= place <= len(definition.values):
            return Given(FactValue.read(definition, definition.values[place - 1], source=SAID, day=today))
    if len(text) > LONGEST_NAME:
        return None
    match = match_name(text, definition.values)
    if match.name is not None and text in match.name and len(text) < LEAST_PART * len(match.name):
        return Unusable(say("ask.which_name", said=text, names=match.name))
    if match.name is not None and not said:
        return Given(FactValue.read(definition, match.name, source=SAID, day=today))
    if near := said or match.ties:
        return Unusable(say("ask.which_name", said=text, names="、".join(near)))
    return None


def _from_slots(definition: FactDefinition, turn: Turn, answer: Slot | None) -> Reading:
    match definition.type:
        case FactType.BOOL if answer is not None:
            return _yes_or_no(definition, turn, answer)
        case FactType.DATE:
            if answer is not None and answer.value in (Answer.NONE, Answer.NO) and definition.absent:
                return _given(definition, definition.absent, turn)
            return _day(definition, turn)
        case FactType.MONEY:
            return _amount(definition, turn)
        case FactType.INT | FactType.NUMBER:
            if answer is not None and answer.value == Answer.NONE:
                return _given(definition, 0, turn)
            return _number(definition, turn)
    return None


_NOT_IN_QUESTION = re.compile(r"没有|还没|未")
_NO_TROUBLE = re.compile(r"没(?:有|啥|什么)?问题")
_HEDGED = re.compile(r"应该|好像|大概|可能")


def _yes_or_no(definition: FactDefinition, turn: Turn, answer: Slot) -> Reading:
    """Read 是 and 没有; what leaves both open is asked again.

    没有 to a question that itself says 没有终止 may be a yes to it; 没问题 is no trouble, whatever was asked; 是的，不过
    limits; 应该是 is no consent.
    """
    value = answer.value == Answer.YES
    said = values_told(definition, turn.text)
    if said and said == values_told(definition, answer.text):
        return _given(definition, said == {"true"}, turn)  # 有 and 没有 as the fact's own words
    if definition.name in YES_AND_NO:
        unsure = value and _HEDGED.search(turn.text[: answer.end]) is not None
    else:
        asked = definition.ask.replace("有没有", "")
        unsure = (
            (answer.value == Answer.NONE and _NOT_IN_QUESTION.search(asked) is not None)
            or _NO_TROUBLE.match(answer.text) is not None
            or bool(said - {"true" if value else "false"})
            or qualifies(turn.text[answer.end :])
        )
    return Unusable(say("ask.yes_or_no")) if unsure else _given(definition, value, turn)


def _given(definition: FactDefinition, raw: object, turn: Turn) -> Reading:
    try:
        return Given(FactValue.read(definition, raw, source=SAID, day=turn.today))
    except FactError as error:
        return Unusable(str(error))


def _day(definition: FactDefinition, turn: Turn) -> Reading:
    told = days_told(turn)
    if not told:
        return None
    wanted = OF_FIELD.get(definition.name)
    if wanted is not None and not any(one.of in (wanted, DayOf.UNSAID) for one in told):
        if wanted is DayOf.FILING and any(one.of is DayOf.GRANT for one in told):
            return None  # taken as what it is
        return Unusable(say("ask.another_day", said=told[0].slot.text, name=definition.name))
    slot = (day_of(told, wanted or DayOf.UNSAID) or told[0]).slot
    if slot.problem:
        return Unusable(slot.problem)
    if isinstance(slot.value, date):
        if definition.name in PAST and slot.value > turn.today:
            return Unusable(say("ask.future_day", day=format_day(slot.value)))
        return _given(definition, slot.value, turn)
    day = completed(slot, _partly_before(definition, turn))
    return _given(definition, day, turn) if day is not None else which_day(slot, turn.today)


def _partly_before(definition: FactDefinition, turn: Turn) -> Partly:
    """Return what was said of this day before: 2022年3月 before 8号."""
    question = turn.conversation.goal.question if turn.conversation.goal else None
    return Partly.read(question.partly) if question is not None else Partly()


def which_day(slot: Slot, today: date) -> Unusable:
    """Return what asks which day was meant, with the days to choose from."""
    partly = partly_said(slot)
    if isinstance(slot.value, Period):
        key = "ask.day_of_month" if partly.month else "ask.month_and_day" if partly.year else "ask.whole_day"
        return Unusable(say(key, said=slot.text), partly=str(partly))
    days = [day for day in slot.ambiguous if isinstance(day, date)]
    past = tuple(day for day in days if day <= today)
    offered = past or tuple(days)
    if len(offered) == 1:
        asked = say("ask.this_day", said=slot.text, day=format_day(offered[0]))
        return Unusable(asked, readings=offered, partly=str(partly))
    return Unusable(say("ask.which_day", said=slot.text), readings=offered, partly=str(partly))


_NONE_OF = re.compile(
    r"^(?:我们?|公司|还|都|一直|去年|上年|现在)*没有?(收入|营业额|营收|销售额|库存|存货)[的了呢啊呀吧]*[。.!！]*$"
)
_LOSS = re.compile(r"亏(损|钱|了|的|本)")
_NAMED_NUMBER = re.compile(
    r"^[^\d\-负.]{1,8}?(\d{1,12}(?:\.\d{1,2})?)(?:块钱?|元)?(?:左右|上下)?[吧的呢。]?$"
)
"""月薪5000: a number after the few words that name it."""


def _amount(definition: FactDefinition, turn: Turn) -> Reading:
    slot = turn.slot(SlotKind.AMOUNT)
    if slot is not None:
        if slot.problem:
            return Unusable(slot.problem)
        if isinstance(slot.value, AmountRange):
            return Unusable(say("ask.one_amount", said=slot.text))
        if isinstance(slot.value, int):
            other = _of_another_amount(definition, turn.text[: slot.start])
            return other or _given(definition, Decimal(slot.value) / 100, turn)
    bare = turn.slot(SlotKind.NUMBER)
    if bare is not None and isinstance(bare.value, Decimal):
        return _given(definition, bare.value, turn)
    if _LOSS.search(turn.text) and _LOSS.search(definition.help):
        return _given(definition, 0, turn)  # the help says: 亏损按 0 填
    none_of = _NONE_OF.match(turn.text)
    if none_of is not None and none_of[1] in "".join((definition.name, definition.ask, *definition.called)):
        return _given(definition, 0, turn)
    named = _NAMED_NUMBER.match(turn.text)
    if named is None:
        return None
    other = _of_another_amount(definition, turn.text[: named.start(1)])
    return other or _given(definition, Decimal(named[1]), turn)


_AMOUNT_OF = re.compile(
    r"(营业收入|营收|营业额|收入|销售额|产值|净?利润|毛利|贷款|借款|注册资本|资产|投资|融资|月薪|年薪|工资|律师费|代理费|年费|成本|税)[^\d，,。；;]{0,4}$"
)


def _of_another_amount(definition: FactDefinition, before: str) -> Unusable | None:
    """Return what says that the amount is told to be something else: 营收500万, asked for the taxable income.

    What the help says it is not (不是营业收入) names another amount too, so that only the question itself counts.
    """
    named = _AMOUNT_OF.search(before)
    own = "".join((definition.name, definition.ask, *definition.called))
    if named is None or named[1] in own:
        return None
    return Unusable(say("ask.another_amount", said=named[1], name=definition.name))


def _number(definition: FactDefinition, turn: Turn) -> Reading:
    for kind in (SlotKind.COUNT, SlotKind.NUMBER, SlotKind.PERCENT):
        slot = turn.slot(kind)
        if slot is None:
            continue
        if slot.problem:
            return Unusable(slot.problem)
        if isinstance(slot.value, CountRange):
            return Unusable(say("ask.one_number", said=slot.text))
        return _given(definition, slot.value, turn)
    return None
