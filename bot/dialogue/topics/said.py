"""What a wish already says: kinds of right, days, numbers; so that it is not asked again."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from bot.dialogue.answers_to_facts import read_words, which_day
from bot.dialogue.clauses import clauses
from bot.dialogue.days_told import OF_FIELD, DayOf, DayTold, day_of, days_told
from bot.dialogue.fields import FIELDS
from bot.dialogue.goals.add_asset import TYPE
from bot.dialogue.goals.annuity import FIRST_OPEN, KEPT
from bot.dialogue.goals.inputs import field_of
from bot.dialogue.readings import Given, Unusable
from bot.dialogue.right_types import NAMES, PATENTS
from bot.dialogue.turn import Turn, say
from bot.understanding.slots.numerals import parse_number
from bot.understanding.slots.slot import Period, Slot, SlotKind
from rules.days import format_day
from rules.deadlines.counting import add_years
from rules.deadlines.kinds import InputView
from rules.deadlines.numbers import parse_application_number
from rules.deadlines.schema import InputType
from store.records import Asset

REDUCTION = "年费减缴"
_REDUCED = re.compile(r"减.{0,4}(85|70|八五|七成)|(85|70|八五|七成).{0,4}减|没有?(费减|减缴|减过|办过费减)")
_NOT_REDUCED = re.compile(
    r"^(?:我们?|公司|这件|都|还|从来|一直)*没(?:有)?(?:办|申请|做|备案|享受)过?(?:的)?(?:费减|减缴|减免)(?:备案)?[的呢啊呀吧过。.!]*$"
)
_CLASSES = re.compile(r"\S{1,3}个类(?!似|型)")
_ASKS = re.compile(r"有没有|是不是|能不能|可不可以|能减|可以减|怎么减")
_DELIVERY = (
    (
        "电子",
        re.compile(
            r"电子(?:件|版|文|送达|申请|发文|通知|邮件|的|$|[\s,，。])|邮箱|邮件|系统里|网上(?:系统|看|收)"
        ),
    ),
    ("邮寄", re.compile(r"挂号|快递|邮寄|EMS|寄[来到给]|纸质", re.IGNORECASE)),
)
_YEAR = re.compile(r"第\s?(\d{1,2}|[一二三四五六七八九十]{1,3})\s?个?年")
_PAID_THROUGH = re.compile(r"(?:已经?)?[交缴]到了?$")
_TOLD_OF_YEAR = re.compile(
    r"申请|授权|买的|转让|收到|注册"
)  # 去年申请的 tells when, not which annuity is meant


_THE_ANNUITY = re.compile(
    r"\s*(?:份|那[一次年笔]*)?(?:(?:没有?|未|忘记?了?|漏|欠|应|要|该)+[交缴]?|到期)?的?(?:年费|[要该应]?交多少|[要该应]?交几)"
)
"""What follows a time that tells which annuity is meant."""

_TO_BE_PAID_BY = re.compile(r"(?:日|号)?(?:之?前|到期)?(?:应当?|须|要)?(?:[缴交]纳?|到期的?)第")
_A_MONTH = re.compile(r"[\d〇零一二三四五六七八九]{2,4}\s*[年./\-]\s*[\d一二三四五六七八九十]{1,2}(?:月|$)")
"""二一年十月 beside a patent is a day of filing of which the day is missing."""

OF_PATENT = frozenset({DayOf.FILING, DayOf.UNSAID})
OF_MARK = frozenset({DayOf.REGISTRATION, DayOf.EXPIRY, DayOf.UNSAID})


def unusable_date(turn: Turn, wanted: Collection[DayOf] = OF_PATENT) -> Unusable | None:
    """Return what is wrong with the wanted day as it was said, or None: no such day, or a good one."""
    told = [one for one in days_told(turn) if one.of in wanted]
    if not told or any(one.day is not None and one.day <= turn.today for one in told):
        return None
    slot = told[0].slot
    if slot.problem:
        return Unusable(slot.problem)
    if isinstance(slot.value, date):
        if DayOf.EXPIRY not in wanted:
            return Unusable(say("ask.future_day", day=format_day(slot.value)))
        return None
    told_of_time = (
        slot.value is not None
        and not _A_MONTH.search(slot.text)
        and not re.search(r"申请|注册|授权|有效|到期", turn.text[slot.start :])
    )
    return None if told_of_time else which_day(slot, turn.today)


def kind_said(turn: Turn) -> str | None:
    """Return the kind of patent that was said; of several the one beside the day that was said, else none of them.

    三件实用新型一件发明，发明是2021年6月18日申请的 is about an invention: another kind would be another amount.
    """
    kinds = [slot for slot in turn.slots(SlotKind.RIGHT_TYPE) if str(slot.value) in PATENTS]
    if len({slot.value for slot in kinds}) > 1:
        filed = day_of(days_told(turn), DayOf.FILING)
        beside = (span for span in clauses(turn.text) if filed is not None and filed.slot.start in span)
        clause = next(beside, range(0))
        kinds = [slot for slot in kinds if slot.start in clause]
    said = {str(slot.value) for slot in kinds}
    return said.pop() if len(said) == 1 else None


def patent_values(turn: Turn) -> dict[str, Any]:
    """Return the patent's kind, filing day, grant day and number as far as they were said."""
    values: dict[str, Any] = {}
    kind = kind_said(turn)
    if kind is not None:
        values["专利类型"] = NAMES[kind]
    number = good_number(turn)
    if number:
        values["申请号"] = number
        parsed = parse_application_number(number)
        if parsed.right_type is not None and str(parsed.right_type) in NAMES:
            values["专利类型"] = NAMES[str(parsed.right_type)]
    year = year_said(turn.text)
    if year is not None:
        values["年度"] = year
    reduced = reduction_said(turn)
    if reduced is not None:
        values[REDUCTION] = reduced
    told = [one for one in days_told(turn) if one.day is not None and one.day <= turn.today]
    return values | _filed_by_notice(turn, year, number) | _named_days(told, "申请日", "授权公告日")


def _filed_by_notice(turn: Turn, year: int | None, number: str) -> dict[str, str]:
    """Return the day of filing that a payment notice implies: 应于2026年7月12日前缴纳第6年度年费 was filed on 2021年7月12日.

    Patent year k falls due when k-1 years since filing have passed (专利法实施细则第115条). The number, where it was given,
    must bear the same year, or the day is not taken.
    """
    due = [
        slot.value
        for slot in turn.slots(SlotKind.DATE)
        if isinstance(slot.value, date) and _TO_BE_PAID_BY.match(turn.text[slot.end :])
    ]
    if year is None or len(due) != 1:
        return {}
    filed = add_years(due[0], 1 - year)
    numbered = re.match(r"(?:ZL)?(\d{4})\d{8}", number)
    if filed > turn.today or (numbered and int(numbered[1]) != filed.year):
        return {}
    return {"申请日": filed.isoformat()}


def delivery_said(turn: Turn) -> dict[str, str]:
    """Return how an office's paper came, when the message says so in one way: 电子件, 挂号信."""
    said = [way for way, words in _DELIVERY if words.search(turn.text)]
    return {"送达方式": said[0]} if len(said) == 1 else {}


def values_told(turn: Turn, inputs: Sequence[InputView]) -> dict[str, Any]:
    """Return what the message tells that a kind of deadline can use: the patent's kind, its day of filing, 85%, 电子件."""
    told = days_told(turn)
    said = {**mark_values(turn), **patent_values(turn), **delivery_said(turn)}
    values: dict[str, Any] = {}
    for item in inputs:
        field = field_of(item.name)
        if item.type is not InputType.DAY:
            if field in said:
                values[field] = said[field]
        elif of := OF_FIELD.get(field):
            found = day_of(told, of, unsaid=False)
            if found is not None and found.day is not None:
                values[field] = found.day.isoformat()
    return values


def reduction_said(turn: Turn) -> str | None:
    """Return the reduction of annuities that was said, as its field has it: 有85%费减, 减缴70, 没有费减."""
    if _NOT_REDUCED.match(turn.text):
        return str(FIELDS[REDUCTION].values[0])
    if not _REDUCED.search(turn.text) or _ASKS.search(turn.text):
        return None
    said = read_words(FIELDS[REDUCTION], turn.text, turn.today)
    return str(said.fact.value) if isinstance(said, Given) else None


def mark_values(turn: Turn) -> dict[str, Any]:
    """Return the mark's days, number and classes as far as they were said."""
    values: dict[str, Any] = {}
    told = [one for one in days_told(turn) if one.day is not None]
    values |= _named_days(told, "商标注册日", "商标有效期至")
    number = turn.slot(SlotKind.REGISTRATION_NUMBER)
    if number is not None and number.value is not None:
        values["商标注册号"] = str(number.value)
    classes = [slot for slot in turn.slots(SlotKind.NICE_CLASS) if slot.value is not None]
    if classes:
        values["类别数"] = len(classes)
    count = turn.slot(SlotKind.COUNT)
    if count is not None and isinstance(count.value, int) and _CLASSES.match(turn.text[count.start :]):
        values["类别数"] = count.value
    return values


def _named_days(told: Sequence[DayTold], main: str, other: str) -> dict[str, Any]:
    """Return the days of two fields. One of which nothing is said may be the main one's, never the other's."""
    told = [one for one in told if one.of is not DayOf.UNSAID or one.names_a_year]
    found = {main: day_of(told, OF_FIELD[main]), other: day_of(told, OF_FIELD[other], unsaid=False)}
    return {field: one.day.isoformat() for field, one in found.items() if one is not None and one.day}


def good_number(turn: Turn) -> str:
    """Return the application number that was said, when its check digit is right."""
    slot = turn.slot(SlotKind.APPLICATION_NUMBER)
    return str(slot.value) if slot is not None and slot.value is not None and not slot.problem else ""


def bad_number(turn: Turn) -> str:
    """Return what is wrong with the application number that was said, or nothing."""
    slot = turn.slot(SlotKind.APPLICATION_NUMBER)
    return slot.problem if slot is not None and slot.problem else ""


def year_said(text: str) -> int | None:
    """Return the patent year that was named: 第8年, 第八年度; the one after it where it is said to be paid: 交到第7年了."""
    found = _YEAR.search(text)
    number = parse_number(found[1]) if found else None
    if found is None or number is None:
        return None
    return int(number) + (1 if _PAID_THROUGH.search(text[: found.start()]) else 0)


def year_due_in(turn: Turn, filing: object) -> int | None:
    """Return the patent year whose annuity falls due in the time that was said: 今年要交多少, 明年呢, 去年5月的年费.

    Patent year k is paid in advance, by the day on which k-1 years since filing have passed (专利法实施细则第115条).
    """
    slot = turn.slot(SlotKind.DATE)
    if slot is None or not isinstance(filing, str):
        return None
    filed = date.fromisoformat(filing)
    of_annuity = (one.value for one in turn.slots(SlotKind.DATE) if _THE_ANNUITY.match(turn.text[one.end :]))
    spans = (span for span in of_annuity if isinstance(span, Period) and _holds(span, filed))
    said = next(spans, None) or _whole_year_said(turn, slot)
    if said is None:
        return None
    year = said.first.year - filed.year + 1
    return year if year >= 1 else None


def _whole_year_said(turn: Turn, slot: Slot) -> Period | None:
    if isinstance(slot.value, Period) and slot.value.is_year and not _TOLD_OF_YEAR.search(turn.text):
        return slot.value
    return None


def _holds(span: Period, filed: date) -> bool:
    """Return whether the anniversary of filing lies in the year, or in the month, that was said."""
    of_month = (span.first.year, span.first.month) == (span.last.year, span.last.month)
    return span.is_year or (of_month and span.first.month == filed.month)


def asset_values(turn: Turn, asset: Asset) -> dict[str, Any]:
    """Return a kept right as the values of a goal, with the last annuity that its list shows as paid."""
    values: dict[str, Any] = {TYPE: asset.right_type}
    if asset.right_type in PATENTS:
        values["专利类型"] = NAMES[asset.right_type]
    for key, field in (
        ("filing", "申请日"),
        ("grant", "授权公告日"),
        ("registration", "商标注册日"),
        ("expiry", "商标有效期至"),
    ):
        if key in asset.dates:
            values[field] = asset.dates[key]
    reduction = asset.details.get("reduction")
    if reduction is not None:
        values["年费减缴"] = {0: "没有减缴", 70: "减缴70%", 85: "减缴85%"}.get(reduction)
    if asset.number:
        values["申请号" if asset.right_type in PATENTS else "商标注册号"] = asset.number
    if {"filing", "registration", "expiry"} & asset.dates.keys():
        values[KEPT] = asset.id
    years = [
        int(item.key.removeprefix("annuity:"))
        for item in turn.world.obligations
        if item.asset_id == asset.id and item.key.startswith("annuity:")
    ]
    if years:
        values[FIRST_OPEN] = min(years)
    return values
