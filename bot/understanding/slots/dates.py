"""Days with a calendar date in them: 2020年4月15日, 20.4.15, 2020-04-15, 4月15号, 15号, 去年三月, 2020年.

What is said relative to the message's day stands in `relative_dates.py`. A day that was said without its year or month
comes back with the nearest readings before and after `today`, to be asked about; it is never guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from bot.understanding.slots.context import just_before
from bot.understanding.slots.numerals import parse_number
from bot.understanding.slots.slot import Period, Slot, SlotKind, SlotValue

FIRST_YEAR, LAST_YEAR = 1900, 2100

_CN = "零一二三四五六七八九"
_NAMED_YEARS = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "上年": -1,
    "今年": 0,
    "本年": 0,
    "当年": 0,
    "明年": 1,
    "后年": 2,
    "大后年": 3,
}
# 发明年费, 目前年费, 以后年费: the end of one word and the beginning of the next name no year.
_WORD = r"(?<![发证说声表申透目当之以提先过今最然])"
_YEAR = (
    rf"(?:(?P<y>\d{{4}}|[{_CN}]{{4}}|(?<!\d)\d{{2}}|(?<![{_CN}十百千])[{_CN}]{{2}})\s?年(?:度)?"
    rf"|{_WORD}(?P<named>大前年|大后年|前年|去年|上年|今年|本年|当年|明年|后年))\s?的?\s?"
)
_MONTH = rf"(?<![\d{_CN}])(?P<m>\d{{1,2}}|十[一二三]?|[{_CN}正])\s?月份?的?\s?"
_DAY = r"(?P<d>\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]|廿[一二三四五六七八九]?|卅一?|初[一二三四五六七八九十])"
_PART = r"(?P<part>初|上旬|中旬|下旬|中(?!国|心|止|间|的)|底|末)"
_SEP = r"[-/.]"
_NOT_DAY = r"(?![线楼院馆店铺库栋幢室房门弄机通码文令车仓位])"

_FULL = re.compile(rf"{_YEAR}{_MONTH}{_DAY}\s?(?:[日号]{_NOT_DAY}|(?![\d个年月份万亿元件%类]))")
_NUMERIC = re.compile(
    rf"(?<![\d.\-/])(?P<y>\d{{4}}|\d{{2}})\s?(?P<s>{_SEP})\s?(?P<m>\d{{1,2}})\s?(?P=s)\s?(?P<d>\d{{1,2}})(?![\d.\-/]\d|\d)[日号]?"
)
_NAMED_NUMERIC = re.compile(
    rf"{_WORD}(?P<named>大前年|前年|去年|上年|今年|本年|明年|后年)的?\s?(?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})[日号]?(?![\d.\-/%])"
)
_YEAR_LAST = re.compile(
    rf"(?<![\d.\-/])(?P<a>\d{{1,2}})(?P<s>{_SEP})(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}})(?![\d.\-/])"
)
_EIGHT = re.compile(r"(?<![\da-zA-Z.\-/])(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?![\da-zA-Z\-/]|\.\d)")
_YEAR_MONTH = re.compile(rf"{_YEAR}{_MONTH}{_PART}?")
_YEAR_MONTH_NUMERIC = re.compile(
    rf"(?<![\d.\-/])(?P<y>(?:19|20)\d{{2}}){_SEP}(?P<m>\d{{1,2}})(?![\d.\-/%万亿元]|\s?[万亿元件个项])"
)
_YEAR_ONLY = re.compile(
    rf"(?:(?P<y>(?:19|20)\d{{2}}|[一二][{_CN}]{{3}})\s?年(?!代|版)度?|{_WORD}(?P<named>大前年|大后年|前年|去年|上年|今年|本年|明年|后年))"
    r"\s?(?P<part>年?初|年?底|年末|年中|上半年|下半年|[第]?[一二三四1-4]季度|[qQ][1-4])?"
)
_MONTH_DAY = re.compile(rf"{_MONTH}{_DAY}\s?(?:[日号]{_NOT_DAY}|(?![\d个年月份万亿元件%类]))")
_MONTH_ONLY = re.compile(rf"(?<!个)(?<![{_CN}十\d]个){_MONTH}{_PART}?(?!\s?\d)")
_DAY_ONLY = re.compile(
    rf"(?<![\d{_CN}十第路街弄巷楼栋幢区村线.:\-/a-zA-Z]){_DAY}\s?(?:号(?!{_NOT_DAY[3:-1]})|日(?=[前到之以]|$|[,。?!, ]))"
)
_LUNAR = re.compile(r"(?:农历|阴历|旧历)的?\s?$")


def find_calendar_dates(text: str, today: date) -> Iterator[Slot]:
    """Yield what the normalised `text` says as a calendar date; longer readings come first."""
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            slot = read(match, today)
            if slot is None:
                continue
            if _LUNAR.search(just_before(match)):
                yield _slot(match, None, "这里按公历计算，请告诉我公历的日期。")
            else:
                yield slot


def _slot(
    match: re.Match[str],
    value: SlotValue | None,
    problem: str | None = None,
    ambiguous: tuple[SlotValue, ...] = (),
) -> Slot:
    text = match[0].rstrip()
    return Slot(SlotKind.DATE, match.start(), match.start() + len(text), text, value, problem, ambiguous)


def _number(written: str) -> int:
    if written == "正":
        return 1
    number = parse_number(written.removeprefix("初"))
    return int(number) if number is not None else 0


def year_of(match: re.Match[str], today: date) -> int:
    """Return the year that the groups `y` or `named` say; two figures are read as the nearest century."""
    groups = match.groupdict()
    if groups.get("named"):
        return today.year + _NAMED_YEARS[groups["named"]]
    written = groups["y"]
    year = _number(written)
    if len(written) == 4:
        return year
    return 2000 + year if year <= today.year % 100 + 25 else 1900 + year


def _day(match: re.Match[str], year: int, month: int, day: int) -> Slot:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _slot(match, None, f"{year}年不像是这里的年份，请再看一下日期。")
    try:
        return _slot(match, date(year, month, day))
    except ValueError:
        return _slot(match, None, _no_such_day(year, month, day))


def _no_such_day(year: int | None, month: int, day: int) -> str:
    said = f"{month}月{day}日" if year is None else f"{year}年{month}月{day}日"
    return f"{said}这一天不存在，请再看一下日期，比如 2020年4月15日。"


def _full(match: re.Match[str], today: date) -> Slot:
    return _day(match, year_of(match, today), _number(match["m"]), _number(match["d"]))


def _year_last(match: re.Match[str], today: date) -> Slot:
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    readings: list[SlotValue] = []
    for month, day in ((a, b), (b, a)):
        try:
            reading = date(year, month, day)
        except ValueError:
            continue
        if reading not in readings:
            readings.append(reading)
    if not readings:
        return _slot(match, None, f"“{match[0]}”不是一个日期，请写成 2020年4月15日 这样。")
    if len(readings) == 1:
        return _slot(match, readings[0])
    return _slot(match, None, ambiguous=tuple(readings))


def _eight(match: re.Match[str], today: date) -> Slot | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None
    return _slot(match, day) if FIRST_YEAR <= day.year <= LAST_YEAR else None


def month_period(year: int, month: int, part: str | None = None) -> Period:
    """Return the days of a month, or of its 初/上旬, 中/中旬, 底/末/下旬."""
    last = monthrange(year, month)[1]
    first_day, last_day = 1, last
    if part in ("初", "上旬"):
        last_day = 10
    elif part in ("中", "中旬"):
        first_day, last_day = 11, 20
    elif part in ("底", "末", "下旬"):
        first_day = 21
    return Period(date(year, month, first_day), date(year, month, last_day))


def _year_month(match: re.Match[str], today: date) -> Slot:
    year, month = year_of(match, today), _number(match["m"])
    if not 1 <= month <= 12:
        return _slot(match, None, f"没有{month}月，请再看一下日期。")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _slot(match, None, f"{year}年不像是这里的年份，请再看一下日期。")
    return _slot(match, month_period(year, month, match.groupdict().get("part")))


def _year_only(match: re.Match[str], today: date) -> Slot:
    year, part = year_of(match, today), match["part"] or ""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _slot(match, None, f"{year}年不像是这里的年份，请再看一下日期。")
    first, last = 1, 12
    if part in ("初", "年初"):
        last = 3
    elif part in ("底", "年底", "年末"):
        first = 10
    elif part == "年中":
        first, last = 5, 8
    elif part == "上半年":
        last = 6
    elif part == "下半年":
        first = 7
    elif part:
        quarter = _number(re.sub(r"[第季度qQ]", "", part))
        first, last = quarter * 3 - 2, quarter * 3
    return _slot(match, Period(date(year, first, 1), month_period(year, last).last))


def _month_day(match: re.Match[str], today: date) -> Slot | None:
    month, day = _number(match["m"]), _number(match["d"])
    if not (1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]):
        return _slot(match, None, _no_such_day(None, month, day))
    return _slot(match, None, ambiguous=_nearest_years(today, month, day))


def _nearest_years(today: date, month: int, day: int) -> tuple[date, ...]:
    candidates = []
    for year in range(today.year - 4, today.year + 5):
        if day <= monthrange(year, month)[1]:
            candidates.append(date(year, month, day))
    past = [c for c in candidates if c <= today]
    coming = [c for c in candidates if c > today]
    return (past[-1], coming[0])


def _month_only(match: re.Match[str], today: date) -> Slot | None:
    month = _number(match["m"])
    if not 1 <= month <= 12:
        return _slot(match, None, f"没有{month}月，请再看一下日期。")
    this = today.year if month <= today.month else today.year - 1
    return _slot(
        match,
        None,
        ambiguous=(month_period(this, month, match["part"]), month_period(this + 1, month, match["part"])),
    )


def _day_only(match: re.Match[str], today: date) -> Slot | None:
    day = _number(match["d"])
    if not 1 <= day <= 31:
        return None
    candidates = []
    for offset in range(-3, 4):
        year, month0 = divmod(today.year * 12 + today.month - 1 + offset, 12)
        if day <= monthrange(year, month0 + 1)[1]:
            candidates.append(date(year, month0 + 1, day))
    past = [c for c in candidates if c <= today]
    coming = [c for c in candidates if c > today]
    return _slot(match, None, ambiguous=(past[-1], coming[0]))


_READERS = (
    (_FULL, _full),
    (_NUMERIC, _full),
    (_NAMED_NUMERIC, _full),
    (_YEAR_LAST, _year_last),
    (_EIGHT, _eight),
    (_YEAR_MONTH, _year_month),
    (_YEAR_MONTH_NUMERIC, _year_month),
    (_YEAR_ONLY, _year_only),
    (_MONTH_DAY, _month_day),
    (_MONTH_ONLY, _month_only),
    (_DAY_ONLY, _day_only),
)


def week_of(day: date) -> Period:
    """Return Monday to Sunday around `day`."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))
