"""Chinese patent application numbers with their check digit, and trademark registration numbers.

An application number is the year of filing, a digit for the kind, a serial number, and a check digit after a
dot: twelve digits since October 2003 (`202010293847.9`), eight before (`98100001.2`). A patent has the number
of its application with `ZL` in front. The check digit is the sum of the digits weighted 2 to 9 and again from
2, modulo 11, with X for ten.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from rules.deadlines import wording
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.schema import RightType

_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_KINDS = {
    "1": RightType.INVENTION,
    "2": RightType.UTILITY_MODEL,
    "3": RightType.DESIGN,
    "8": RightType.INVENTION,
    "9": RightType.UTILITY_MODEL,
}
_FIRST_YEAR, _LAST_OLD_YEAR, _FIRST_NEW_YEAR = 1985, 2003, 2003
_NEW, _OLD = 12, 8
_LONGEST = 40


@dataclass(frozen=True)
class ApplicationNumber:
    """A patent application number that has been checked."""

    digits: str  # without the check digit
    check: str
    check_given: bool  # False when it was not written and is supplied by us
    right_type: RightType
    filing_year: int  # of a divisional: the year in which it was submitted, not that of its parent
    national_phase: bool  # kind digit 8 or 9: an international application

    @property
    def dotted(self) -> str:
        """Return `202010293847.9`, the one form that is stored and compared."""
        return f"{self.digits}.{self.check}"

    @property
    def patent(self) -> str:
        """Return the number as a patent carries it: `ZL202010293847.9`."""
        return f"ZL{self.dotted}"

    def __str__(self) -> str:
        """Return the dotted form."""
        return self.dotted


def check_digit(digits: str) -> str:
    """Return the check digit of eight or twelve digits: `0` to `9` or `X`."""
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    return "X" if rest == 10 else str(rest)


def parse_application_number(text: str, *, last_year: int = 9999) -> ApplicationNumber:
    """Return the checked number of `text`: with or without ZL, CN, dot, spaces or check digit.

    `last_year` is the year of today, where known. Raises `DeadlineInputError` (field `number`) saying what is
    wrong; for a wrong check digit also what it should be.
    """
    shown = "".join(letter for letter in text if letter.isprintable()).strip()[:_LONGEST]
    plain = unicodedata.normalize("NFKC", shown).upper()
    plain = re.sub(r"[\s.·。\-_]", "", plain)
    plain = re.sub(r"^(?:专利号|申请号)?:?(?:CN)?(?:ZL|CN)?", "", plain)
    if not plain:
        raise _refuse(wording.NUMBER_EMPTY, "no number given")
    if re.fullmatch(r"\d{7,9}[A-CSUY]\d?", plain):
        raise _refuse(wording.NUMBER_PUBLICATION.format(text=shown), "a publication number")
    match = re.fullmatch(r"(\d{12}|\d{8})([\dX])?", plain)
    if match is None:
        raise _refuse(wording.NUMBER_SHAPE.format(text=shown), "not 12 or 8 digits with a check digit")
    digits, given = match[1], match[2]
    year = int(digits[:4]) if len(digits) == _NEW else 1900 + int(digits[:2])
    if len(digits) == _OLD and int(digits[:2]) <= _LAST_OLD_YEAR % 100:
        year += 100
    _check_year(shown, digits, year, last_year)
    place = 5 if len(digits) == _NEW else 3
    kind = digits[place - 1]
    if kind not in _KINDS:
        zh = wording.NUMBER_TYPE.format(text=shown, place=place, digit=kind)
        raise _refuse(zh, f"kind digit {kind} at place {place} is not 1, 2, 3, 8 or 9")
    right = check_digit(digits)
    if given is not None and given != right:
        zh = wording.NUMBER_CHECK.format(text=shown, right=right, given=given)
        raise _refuse(zh, f"check digit is {given}, should be {right}")
    return ApplicationNumber(digits, right, given is not None, _KINDS[kind], year, kind in "89")


def _check_year(shown: str, digits: str, year: int, last_year: int) -> None:
    first, last = (_FIRST_NEW_YEAR, last_year) if len(digits) == _NEW else (_FIRST_YEAR, _LAST_OLD_YEAR)
    if not first <= year <= last:
        if len(digits) == _OLD and not _FIRST_YEAR <= year <= _LAST_OLD_YEAR:
            raise _refuse(wording.NUMBER_PUBLICATION.format(text=shown), "looks like a publication number")
        words = last if last != 9999 else "今年"
        zh = wording.NUMBER_YEAR.format(text=shown, year=year, first=first, last=words)
        raise _refuse(zh, f"year {year} is not within {first} to {last}")


def _refuse(message_zh: str, message_en: str) -> DeadlineInputError:
    return DeadlineInputError("number", message_zh, message_en)


def filing_fits(number: ApplicationNumber, filing: date) -> bool:
    """Tell whether the filing day can belong to the number.

    The number's year is that of the day the office received this application; a divisional keeps its parent's
    earlier filing day and an international application its own, so an earlier filing day can be right.
    """
    return filing.year <= number.filing_year


@dataclass(frozen=True)
class TrademarkNumber:
    """A trademark registration number: national, or international with a `G` in front."""

    digits: str
    international: bool
    suffix: str = ""  # a letter where a registration was divided

    def __str__(self) -> str:
        """Return `12345678`, `12345678A` or `G1234567`."""
        return f"{'G' if self.international else ''}{self.digits}{self.suffix}"


def parse_trademark_number(text: str) -> TrademarkNumber:
    """Return the number of `第12345678号` and the like. Raises `DeadlineInputError` (field `number`)."""
    shown = "".join(letter for letter in text if letter.isprintable()).strip()[:_LONGEST]
    plain = re.sub(r"[\s第号.\-]", "", unicodedata.normalize("NFKC", shown).upper())
    match = re.fullmatch(r"(G)?(\d{1,9})([A-Z])?", plain)
    if match is None or not match[2].strip("0"):
        raise _refuse(
            wording.TM_SHAPE.format(text=shown), "not 1 to 9 digits, with G before an international one"
        )
    return TrademarkNumber(match[2].lstrip("0"), bool(match[1]), match[3] or "")
