"""Days said from the message's own day: 昨天, 三天前, 两个月后, 下周五, 上个月底, 下个月15号, 春节前."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar

from bot.understanding.slots.context import just_before
from bot.understanding.slots.dates import month_period, week_of
from bot.understanding.slots.numerals import QUANTITY, parse_number
from bot.understanding.slots.slot import Period, Slot, SlotKind, SlotValue

_WORDS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今晚": 0,
    "明天": 1, "明日": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
_STEPS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
_STEP = r"(?P<step>上上|上|这|本|当|下下|下)"
_WORD = re.compile("大前天|大后天|前天|昨天|昨日|昨晚|今天|今日|今晚|明天|明日|后天")
_DAY = r"(?P<d>\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]|廿[一二三四五六七八九]?)"
_OF_MONTH = re.compile(
    rf"{_STEP}个?月(?:份)?的?\s?(?:{_DAY}\s?[日号]|(?P<part>初|上旬|中旬|下旬|中(?!国|心|止)|底|末))?"
)
_MONTH_END = re.compile(r"(?<![个\d一二三四五六七八九十这本上下当])月(?P<part>底|末|初|中旬?)")
_YEAR_PART = re.compile(r"(?<![\d去今明前后本上当这年零一二三四五六七八九])年(?P<part>底|末|初|中(?!国|心))")
_WEEKDAY = re.compile(rf"(?:{_STEP}个?)?(?:周|星期|礼拜)(?P<w>[一二三四五六日天末1-6])(?![年期到])")
_WEEK = re.compile(rf"{_STEP}个?(?:周|星期|礼拜)(?![一二三四五六日天末1-6])")
_AGO = re.compile(
    rf"(?<![第{'零一二两三四五六七八九十百千万'}\d.])(?P<n>{QUANTITY}|半)\s?(?P<half>个?半)?\s?"
    r"(?P<unit>天|日|周|个?星期|个?礼拜|个月|月|年|个?季度)(?P<half2>半)?\s?(?:之|以)?(?P<way>前|后)(?!年)"
)
_ANCHORED = re.compile(
    r"(?:申请|授权|注册|公告|公开|到期|届满|缴费|收到|登记|届满|满|起|结束|完成|公布|驳回|提交)[日之了的]?$"
)
_FESTIVAL = re.compile(
    r"(?:(?P<named>去年|今年|明年|前年|后年)的?)?(?P<name>春节|过年|除夕|(?:大年|年)三十|元旦|清明节?|五一(?!广场|路)|劳动节|端午节?|中秋节?|国庆节?|十一(?=前|后|期间|长假|假期|黄金周|之前))"
    r"(?P<way>假期|长假|黄金周)?(?:之|以)?(?P<when>前后|前|后|期间)?"
)
_HOLIDAYS = {
    "春节": "Spring Festival", "过年": "Spring Festival", "清明": "Tomb-sweeping Day", "端午": "Dragon Boat Festival",
    "中秋": "Mid-autumn Festival",
}  # fmt: skip
_FIXED = {"元旦": (1, 1), "五一": (5, 1), "劳动节": (5, 1), "国庆": (10, 1), "十一": (10, 1)}
_VAGUE = re.compile("前[几两]天|前些天|前阵子|前段时间|这几天|过[几两]天|过阵子|过段时间|改天")
_TOO_FAR = "这个日子离今天太远了，请直接写日期，比如 2020年4月15日。"


def find_relative_dates(text: str, today: date) -> Iterator[Slot]:
    """Yield what the normalised `text` says relative to `today`, the message's day in Asia/Shanghai."""
    for match in _WORD.finditer(text):
        yield _slot(match, today + timedelta(days=_WORDS[match[0]]))
    for match in _OF_MONTH.finditer(text):
        yield _of_month(match, today)
    for match in _MONTH_END.finditer(text):
        yield _slot(match, None, ambiguous=(month_period(today.year, today.month, match["part"]),))
    for match in _YEAR_PART.finditer(text):
        yield _year_part(match, today)
    for match in _WEEKDAY.finditer(text):
        yield _weekday(match, today)
    for match in _WEEK.finditer(text):
        yield _slot(match, week_of(today + timedelta(weeks=_STEPS[match["step"]])))
    for match in _AGO.finditer(text):
        if not _ANCHORED.search(just_before(match)) and (slot := _ago(match, today)):
            yield slot
    for match in _VAGUE.finditer(text):
        yield _slot(match, None, _which(match, today))
    for match in _FESTIVAL.finditer(text):
        yield _festival(match, today)


def _slot(
    match: re.Match[str],
    value: SlotValue | None,
    problem: str | None = None,
    ambiguous: tuple[SlotValue, ...] = (),
) -> Slot:
    return Slot(SlotKind.DATE, match.start(), match.end(), match[0], value, problem, ambiguous)


def _months_on(day: date, months: int) -> tuple[int, int]:
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return year, month0 + 1


def _of_month(match: re.Match[str], today: date) -> Slot:
    year, month = _months_on(today, _STEPS[match["step"]])
    if match["d"] is None:
        return _slot(match, month_period(year, month, match["part"]))
    day = int(parse_number(match["d"]) or 0)
    if not 1 <= day <= monthrange(year, month)[1]:
        return _slot(match, None, f"{year}年{month}月没有{day}日，请再看一下日期。")
    return _slot(match, date(year, month, day))


def _year_part(match: re.Match[str], today: date) -> Slot:
    first, last = {"初": (1, 3), "中": (5, 8)}.get(match["part"], (10, 12))
    periods = tuple(
        Period(month_period(year, first).first, month_period(year, last).last)
        for year in (today.year, today.year + 1)
    )
    return _slot(match, None, ambiguous=periods)


def _weekday(match: re.Match[str], today: date) -> Slot:
    step = match["step"]
    monday = week_of(today).first + timedelta(weeks=_STEPS[step] if step else 0)
    if match["w"] == "末":
        weekend = Period(monday + timedelta(days=5), monday + timedelta(days=6))
        return _slot(match, weekend) if step else _slot(match, None, ambiguous=(weekend,))
    offset = "一二三四五六日".find(match["w"].replace("天", "日"))
    day = monday + timedelta(days=offset if offset >= 0 else int(match["w"]) - 1)
    if step:
        return _slot(match, day)
    # A bare 周五 is the last one in a story and the next one in a plan.
    other = day - timedelta(weeks=1) if day > today else day + timedelta(weeks=1)
    return _slot(match, None, ambiguous=tuple(sorted((day, other))))


def _ago(match: re.Match[str], today: date) -> Slot | None:
    half = bool(match["half"] or match["half2"])
    number = 0 if match["n"] == "半" else parse_number(match["n"])
    if number is None:
        return None
    if match["n"] != "半" and number != int(number):
        return None
    count, sign, unit = int(number), (-1 if match["way"] == "前" else 1), match["unit"]
    if count > 100_000:
        return _slot(match, None, _TOO_FAR)
    try:
        value = _shifted(today, sign, count, half or match["n"] == "半", unit)
    except (OverflowError, ValueError):
        return _slot(match, None, _TOO_FAR)
    return None if value is None else _slot(match, value)


def _shifted(today: date, sign: int, count: int, half: bool, unit: str) -> date | Period | None:
    if unit in ("天", "日"):
        return None if half else today + timedelta(days=sign * count)
    if unit.endswith(("周", "星期", "礼拜")):
        return None if half else week_of(today + timedelta(weeks=sign * count))
    if unit == "年" and not half:
        year = today.year + sign * count
        return Period(date(year, 1, 1), date(year, 12, 31))
    months = {"年": 12, "个月": 1, "月": 1}.get(unit, 3)
    if half and unit != "年":
        return None
    if unit == "月":
        return None  # 三月前 is March, not three months
    year, month = _months_on(today, sign * (count * months + (6 if half else 0)))
    return month_period(year, month)


def _festival(match: re.Match[str], today: date) -> Slot:
    name = match["name"].removesuffix("节") if match["name"] not in ("春节", "劳动节") else match["name"]
    named = match["named"]
    shift = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
    years = [today.year + shift[named]] if named else [today.year, today.year + 1]
    days = [day for year in years if (day := _first_day(name, year))]
    if not named:
        days = [day for day in days if day >= today][:1]
    return _slot(match, None, _which(match, today), tuple(days))


def _which(match: re.Match[str], today: date) -> str:
    return f"“{match[0]}”是哪一天？请告诉我具体日期，比如 {today.year}年{today.month}月{today.day}日。"


def _first_day(name: str, year: int) -> date | None:
    """Return the festival's first day off, or None for a year that the holiday package does not know."""
    if name in _FIXED:
        return date(year, *_FIXED[name])
    wanted = _HOLIDAYS.get(name)
    if wanted is None:
        return None  # 除夕 is no holiday of its own: ask
    days = [
        day
        for day, holiday in chinese_calendar.constants.holidays.items()
        if day.year == year and holiday == wanted
    ]
    return min(days) if days else None
