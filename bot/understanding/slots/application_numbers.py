"""Patent application numbers with their check digit: ZL202010293847.5, 2020102938475, CN 98101234.6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.understanding.slots.slot import Slot, SlotKind
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.numbers import parse_application_number

_LATIN = r"(?<![0-9A-Za-z.])"
_PREFIXED = re.compile(
    r"(?<![0-9A-Za-z])(?P<prefix>ZL|CN)[\s:.]{0,2}(?P<body>\d(?:[\s]?\d){4,14})(?:\s?[.·]\s?(?P<check>[0-9Xx])|(?P<tailx>[Xx]))?(?P<kind>[ABCSUYabcsuy]\d?)?(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_DOTTED = re.compile(
    _LATIN
    + r"(?P<body>\d{12}|\d{8}|\d{9,11}|\d{13})\s?[.·]\s?(?P<check>[0-9Xx])(?![0-9A-Za-z%]|\s?[万亿元wWkK])"
)
_BARE = re.compile(_LATIN + r"(?P<body>(?:19|20)\d{2}[12389]\d{7})(?P<check>[0-9Xx])?(?![0-9A-Za-z.])")
_CUED = re.compile(
    r"(?:申请号|专利号|专利申请号)(?:码)?\s?(?:是|为|:|：)?\s?(?P<body>(?>\d(?:\s?\d){5,11}))(?:\s?[.·]?\s?(?P<check>[0-9Xx]))?(?![0-9A-Za-z.])"
)
_PUBLICATION = "这像是公开号或公告号，请改发申请号（专利证书上“专利号”那一行），写法如 ZL202010293847.9。"
_NO_CHECK = "申请号少了最后一位校验位（小数点后面的那一位），请对照证书补上，写法如 ZL202010293847.9。"


def find_application_numbers(text: str, today: date) -> Iterator[Slot]:
    """Yield each patent application number in the normalised `text`; `value` is `body.check` when the check digit fits.

    A near miss keeps its span and says in `problem` what is wrong: a figure too many or too few, no check digit, a check
    digit that does not fit, a publication number in its place.
    """
    for match in _PREFIXED.finditer(text):
        yield _read_prefixed(match, today)
    for match in _DOTTED.finditer(text):
        if match["body"][:4].isdigit() and _looks_like_one(match["body"]):
            yield _slot(match, match["body"], match["check"], today)
    for match in _BARE.finditer(text):
        yield _slot(match, match["body"], match["check"], today)
    for match in _CUED.finditer(text):
        yield _cued(match, today)


def _looks_like_one(body: str) -> bool:
    if len(body) >= 11:
        return body.startswith(("19", "20"))
    return True


def _read_prefixed(match: re.Match[str], today: date) -> Slot:
    body, check = re.sub(r"\s", "", match["body"]), match["check"] or match["tailx"]
    if match["kind"] and check is None:
        return _failed(match, _PUBLICATION)
    if check is None and len(body) in (9, 13):
        body, check = body[:-1], body[-1]
    return _slot(match, body, check, today)


def _cued(match: re.Match[str], today: date) -> Slot:
    body, check = re.sub(r"\s", "", match["body"]), match["check"]
    if check is None and len(body) in (9, 13):
        body, check = body[:-1], body[-1]
    elif check is not None and len(body) not in (8, 12):
        body, check = body + check, None
    return _slot(match, body, check, today)


def _failed(match: re.Match[str], problem: str) -> Slot:
    return Slot(SlotKind.APPLICATION_NUMBER, match.start(), match.end(), match[0], None, problem)


def _slot(match: re.Match[str], body: str, check: str | None, today: date) -> Slot:
    try:
        number = parse_application_number(f"{body}.{check}" if check else body, last_year=today.year)
    except DeadlineInputError as error:
        return _failed(match, error.message_zh)
    if not number.check_given:
        return _failed(match, _NO_CHECK)
    return Slot(SlotKind.APPLICATION_NUMBER, match.start(), match.end(), match[0], number.dotted)
