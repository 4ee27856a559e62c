"""Unified social credit codes (18 characters, the last one a check character, GB 32100)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from bot.understanding.slots.context import just_before
from bot.understanding.slots.slot import Slot, SlotKind

_CANDIDATE = re.compile(r"(?<![0-9A-Za-z])(?P<code>[0-9A-Za-z]{15,20})(?![0-9A-Za-z])")
_CUE = re.compile(r"(?:信用代码|统一代码|税号)(?:证)?(?:号)?(?:是|为|:)?\s?$")
_START = re.compile(
    r"(?:1[1239]|2[19]|3[1-59]|4[19]|5[1239]|6[129]|7[129]|8[19]|9[123]|A[19]|N[1239]|Y1)\d{6}"
)
_PERSON_SHAPE = re.compile(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]\Z")
_PERSON = "这像是身份证号。请不要在这里发身份证号，需要的是营业执照上的统一社会信用代码。"


def find_credit_codes(text: str) -> Iterator[Slot]:
    """Yield each credit code in the normalised `text`; a near miss (length, letter, check character) says what is wrong."""
    for match in _CANDIDATE.finditer(text):
        code = match["code"].upper()
        cued = bool(_CUE.search(just_before(match)))
        if not cued and (ric.is_valid(code) or _PERSON_SHAPE.match(code)):
            yield _slot(match, None, _PERSON)
        elif cued or (len(code) >= 17 and _START.match(code)):
            yield _read(match, code)


def _read(match: re.Match[str], code: str) -> Slot:
    if len(code) != 18:
        return _slot(match, None, f"统一社会信用代码应有18位，这里是{len(code)}位，请对照营业执照核对。")
    wrong = sorted(set(code) & set("IOZSV"))
    if wrong:
        return _slot(
            match,
            None,
            f"统一社会信用代码里不会有字母{'、'.join(wrong)}（可能是把0、1、2看成了字母），请核对。",
        )
    try:
        return _slot(match, uscc.validate(code), None)
    except ValidationError:
        return _slot(
            match, None, "统一社会信用代码的最后一位校验位对不上，可能抄错了一位，请对照营业执照核对。"
        )


def _slot(match: re.Match[str], value: str | None, problem: str | None) -> Slot:
    return Slot(SlotKind.CREDIT_CODE, match.start(), match.end(), match[0], value, problem)
