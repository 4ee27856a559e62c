"""English words of our field in the Chinese that the rest of understanding reads: invention filed 2020-04-15, annuity fee?

Owners who trade abroad mix them in. Only whole words are read, and only where the message names a right or its annuity.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES_A_RIGHT: Final = re.compile(
    r"\b(?:patents?|inventions?|utility models?|trade ?marks?|annuit(?:y|ies)|copyrights?)\b", re.IGNORECASE
)
_WORDS: Final = (
    (r"utility models?(?: patents?)?", "实用新型"),
    (r"design patents?", "外观设计专利"),
    (r"inventions?(?: patents?)?", "发明专利"),
    (r"trade ?marks?", "商标"),
    (r"copyrights?", "著作权"),
    (r"(?:patent )?(?:(?:annual|maintenance) fees?|annuit(?:y|ies)(?: fees?)?)", "年费"),
    (r"patents?", "专利"),
    (r"how much|what does it cost|costs?", "多少钱"),
    (r"when", "什么时候"),
    (r"this year", "今年"),
    (r"next year", "明年"),
    (r"(?:was |is )?(?:filed|filing date)(?: on| in)?:?", "申请日"),
    (r"(?:was |is )?(?:registered|reg\.? date|registration date)(?: on| in)?:?", "注册日"),
    (r"renew(?:al|ed|ing)?", "续展"),
    (r"due", "到期"),
    (r"overdue|late|forgot(?:ten)?", "逾期没交"),
    (r"surcharges?", "滞纳金"),
    (r"restor(?:e|ation)", "恢复"),
    (r"class(?:es)?", "个类"),
    (r"fees?", "费用"),
    (r"subsid(?:y|ies)", "补贴"),
    (r"pledge|loan", "质押贷款"),
    (r"insurance", "保险"),
    (r"infring(?:e|ed|ing|ement)", "侵权"),
)
_PATTERN: Final = re.compile("|".join(rf"\b(?:{words})(?!\w)" for words, _ in _WORDS), re.IGNORECASE)
_EACH: Final = tuple((re.compile(words, re.IGNORECASE), chinese) for words, chinese in _WORDS)


def in_chinese(text: str) -> str:
    """Return the text with the English words of our field in Chinese; as it is where none of them names a right."""
    return _PATTERN.sub(_chinese, text) if _NAMES_A_RIGHT.search(text) else text


def _chinese(found: re.Match[str]) -> str:
    return next(chinese for words, chinese in _EACH if words.fullmatch(found[0]))
