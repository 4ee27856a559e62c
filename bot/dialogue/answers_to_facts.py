"""Reads a message as the answer to an open question about a fact of the dictionary."""

from __future__ import annotations

import re
from datetime import date

from bot.dialogue.amounts_answered import read_amount, read_number
from bot.dialogue.days_told import OF_FIELD, DayOf, day_of, days_told
from bot.dialogue.own_words import clauses, without_ending
from bot.dialogue.partly_said import Partly, completed, partly_said
from bot.dialogue.readings import SAID, Declined, Given, Reading, Unusable, given
from bot.dialogue.stated import values_answered
from bot.dialogue.turn import Turn, say
from bot.dialogue.yes_or_no_answered import read_own_words, read_yes_or_no
from bot.understanding.fuzzy import match_name
from bot.understanding.slots.slot import Period, Slot, SlotKind
from bot.understanding.slots.yes_no import Answer
from rules.days import format_day
from rules.errors import FactError
from rules.facts import FactDefinition, FactType, FactValue

_DO_NOT_KNOW = re.compile(
    r"^[我们也还都真的确实嗯额这那个,，]{0,8}(不清楚|不太清楚|不知道|不晓得|不了解|不懂|不确定|记不清|记不得|忘记?了|没印象|没有?问过)[了啊呀呢吧哦的诶哎。!,，~… ]*$"
)
PAST = frozenset({"申请日", "授权公告日", "商标注册日", "发文日", "收到日"})
"""Days that cannot lie ahead."""


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
            return read_own_words(definition, turn)
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
    if any(without_ending(clause) for clause in clauses(rest)) or answer.text in _words(definition):
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


_MARK_NUMBER = re.compile(r"(?<![0-9a-z])(g?\d{5,8}[a-z]?)(?![0-9a-z])", re.IGNORECASE)
_LATER = re.compile(r"(以后|回头|晚点|待会|稍后|暂时|先不|还没|没有|不在|跳过)")
LONGEST_PUT_OFF = 12


def _number_of_right(definition: FactDefinition, turn: Turn, answer: Slot | None) -> Reading:
    """Read the number of a right; 以后再补 where it may be missing. Other words are no number."""
    if definition.prefill.startswith("slot:"):
        slot = turn.slot(SlotKind(definition.prefill.removeprefix("slot:")))
        if slot is not None and slot.value is not None and not slot.problem:
            return given(definition, str(slot.value), turn)
        if slot is not None and slot.problem:
            return Unusable(slot.problem)
        is_mark = definition.prefill == f"slot:{SlotKind.REGISTRATION_NUMBER}"
        if is_mark and (found := _MARK_NUMBER.search(turn.text)):
            return given(definition, found[1].upper(), turn)
        if _looks_like_number(turn.text):
            return Unusable(say("ask.number_form", label=definition.name))
    put_off = len(turn.text) <= LONGEST_PUT_OFF and _LATER.search(turn.text)
    said_none = answer is not None and answer.value in (Answer.NONE, Answer.NO)
    if definition.absent and (put_off or said_none or turn.text == definition.absent):
        return given(definition, definition.absent, turn)
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
            return read_yes_or_no(definition, turn, answer)
        case FactType.DATE:
            if answer is not None and answer.value in (Answer.NONE, Answer.NO) and definition.absent:
                return given(definition, definition.absent, turn)
            return _day(definition, turn)
        case FactType.MONEY:
            return read_amount(definition, turn)
        case FactType.INT | FactType.NUMBER:
            if answer is not None and answer.value == Answer.NONE:
                return given(definition, 0, turn)
            return read_number(definition, turn)
    return None


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
        return given(definition, slot.value, turn)
    day = completed(slot, _partly_before(definition, turn))
    return given(definition, day, turn) if day is not None else which_day(slot, turn.today)


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
