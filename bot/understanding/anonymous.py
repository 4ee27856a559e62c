"""A message without personal data: numbers, amounts, days, names and addresses replaced, so that it may be learned from.

Names are found by their form (a firm's suffix, a surname before a title, words in quotes) and by what is known of the writer.
Too much is rather replaced than too little; a bare given name in running text is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from bot.understanding.normalise import normalise
from bot.understanding.slots import SlotKind, find_slots
from knowledge.learned import AMOUNT, CODE, CONTACT, DAY, MOST_CHARACTERS, NAME, NUMBER, RIGHT

_PLACEHOLDERS: Final = {
    SlotKind.DATE: DAY,
    SlotKind.AMOUNT: AMOUNT,
    SlotKind.APPLICATION_NUMBER: RIGHT,
    SlotKind.REGISTRATION_NUMBER: RIGHT,
    SlotKind.CREDIT_CODE: CODE,
    SlotKind.NUMBER: NUMBER,
}
_CONTACT: Final = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+|(?:微信号?|vx|qq|加我)[:：\s]*[A-Za-z0-9_-]{5,}"
    r"|(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d){8}|0\d{2,3}[-\s]\d{7,8}",
    re.IGNORECASE,
)
_FIRM: Final = re.compile(
    r"([\u4e00-\u9fffA-Za-z0-9()·]{2,24}?)(?:有限责任公司|股份有限公司|有限公司|分公司|集团|事务所|合作社|研究院)"
)
# What comes before a firm's name in a sentence and hardly ever stands in one.
_BEFORE_FIRM: Final = re.compile(
    r"我们|我司|这家|那家|有家|一家|一下|[我是叫被查帮请问告把给跟的了吗,，。!！?？:：\s]"
)
_ADDRESS: Final = re.compile(r"[\u4e00-\u9fff]{1,8}(?:路|街|巷|弄|大道)\s*\d+\s*号?(?:\d+\s*(?:室|幢|楼))*")
_QUOTED: Final = re.compile(r"[“\"「『《]([^”\"」』》]{1,20})[”\"」』》]")
_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚"
    "谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_TITLED: Final = re.compile(
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?(?:先生|女士|小姐|经理|律师|工程师|老师|师傅|法官|老板|总(?![局部额共价结公之是要]))"
)
_INTRODUCED: Final = re.compile(
    rf"((?:我叫|名叫|联系人|姓名|名字|法人|法人代表|发明人|申请人|权利人)(?:是|叫|为)?[:：\s]*)([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
)
_FIGURES: Final = re.compile(r"[A-Za-z-]*\d[\d\s.,-]*\d\d|\d{3,}|[零〇一二三四五六七八九幺]{6,}")
_PLACE: Final = re.compile(r"^(?:浙江省?)?(?:宁波市?)?(?:[\u4e00-\u9fff]{2}[区县市])?")
_SUFFIX: Final = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|公司|集团|厂)$")
_MASKED: Final = re.compile(r"【[^】]*】")


def anonymous(text: str, day: date, names: Iterable[str] = ()) -> str:
    """Return the message, at most 200 characters of it, with placeholders for all that may tell whose it is.

    `day` is the message's day; `names` are the writer's own and their company's.
    """
    plain = normalise(text).text
    parts: list[str] = []
    at = 0
    for slot in find_slots(plain, day):
        placeholder = _PLACEHOLDERS.get(slot.kind)
        said_in_words = slot.kind is SlotKind.DATE and not any(c.isdigit() for c in slot.text)
        if placeholder is None or slot.start < at or said_in_words:
            continue
        parts += [plain[at : slot.start], placeholder]
        at = slot.end
    parts.append(plain[at:])
    words = _own_names("".join(parts), names)
    words = _CONTACT.sub(CONTACT, words)
    words = _ADDRESS.sub(NAME, words)
    words = _QUOTED.sub(NAME, words)
    words = _FIRM.sub(_without_firm, words)
    words = _INTRODUCED.sub(rf"\1{NAME}", words)
    words = _TITLED.sub(NAME, words)
    words = _FIGURES.sub(NUMBER, words)
    return _cut(words.strip())


def says_something(words: str) -> bool:
    """Return whether anything is left besides placeholders: two letters or characters at least."""
    return sum(character.isalpha() for character in _MASKED.sub("", words)) >= 2


def _own_names(words: str, names: Iterable[str]) -> str:
    for name in names:
        plain = normalise(name).text.strip()
        core = _SUFFIX.sub("", _PLACE.sub("", re.sub(r"^\(.*?\)", "", plain)))
        for form in (plain, core, core[:2] if len(core) >= 4 else ""):
            if len(form) >= 2:
                words = words.replace(form, NAME)
    return words


def _without_firm(found: re.Match[str]) -> str:
    name = found[1]
    ends = [mark.end() for mark in _BEFORE_FIRM.finditer(name)]
    kept = name[: ends[-1]] if ends else ""
    return kept + NAME if len(name) - len(kept) >= 2 else found[0]


def _cut(words: str) -> str:
    """Shorten without leaving half a placeholder."""
    cut = words[:MOST_CHARACTERS]
    opened = cut.rfind("【")
    return cut[:opened] if opened > cut.rfind("】") else cut
