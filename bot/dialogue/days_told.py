"""What a day in a message is the day of, as far as its words say: 授权公告日2021年5月6日，申请日2019年3月4日.

A deadline counted from the wrong one of them would be a wrong answer with an article under it. A day that is told to be of
something else is not taken; one of which nothing is said may be the one that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.dialogue.clauses import MEMBER_END
from bot.dialogue.turn import Turn
from bot.understanding.slots.slot import Slot, SlotKind


class DayOf(StrEnum):
    """What happened on the day."""

    FILING = "filing"
    GRANT = "grant"
    REGISTRATION = "registration"
    EXPIRY = "expiry"
    PUBLICATION = "publication"  # of a mark, for opposition
    ISSUE = "issue"
    RECEIPT = "receipt"
    PRIORITY = "priority"
    LEARNED = "learned"  # of an infringement
    PAID = "paid"
    OTHER = "other"  # bought, founded, published, priority: nothing is counted from it here
    UNSAID = "unsaid"


OF_FIELD = {
    "申请日": DayOf.FILING,
    "授权公告日": DayOf.GRANT,
    "商标注册日": DayOf.REGISTRATION,
    "商标有效期至": DayOf.EXPIRY,
    "初步审定公告日": DayOf.PUBLICATION,
    "发文日": DayOf.ISSUE,
    "收到日": DayOf.RECEIPT,
    "期限_first_filing": DayOf.FILING,
    "期限_priority": DayOf.PRIORITY,
    "期限_served_on": DayOf.RECEIPT,
    "期限_known": DayOf.LEARNED,
    "期限_payment": DayOf.PAID,
}
"""Which day a field asks for."""


@dataclass(frozen=True, slots=True)
class DayTold:
    """A day of the message and what it is the day of."""

    slot: Slot
    of: DayOf

    @property
    def names_a_year(self) -> bool:
        """Return whether the day is one of a calendar: 今天, 昨天 and 上周五 are when people speak, not when they filed."""
        return _YEAR.search(self.slot.text) is not None

    @property
    def day(self) -> date | None:
        """Return the day, or None where more than one day may be meant."""
        return self.slot.value if isinstance(self.slot.value, date) else None


_NAMES: Sequence[tuple[DayOf, str]] = (
    (
        DayOf.OTHER,
        "今天|现在|截至|滞纳期限?|补[缴交]期限?|应于|须于|公开|公布|受理|证书|缴费|交费|成立|购买|转让|变更|质押|合同|许可|备案",
    ),
    (DayOf.PRIORITY, "优先权"),
    (DayOf.PUBLICATION, "初审公告|初步审定公告|初步审定|初审"),
    (DayOf.ISSUE, "发文|落款"),
    (DayOf.RECEIPT, "收到[^,，。]{0,8}|签收|送达"),
    (DayOf.GRANT, "授权公告|授权"),
    (DayOf.EXPIRY, "有效期至|有效期到|有效期截止|有效期|专用(?:权)?期限|到期|届满|期满|截止"),
    (DayOf.REGISTRATION, "核准注册|注册|核准"),
    (DayOf.FILING, "申请|提交|递交"),
)
_BEFORE = [
    (
        of,
        re.compile(
            rf"(?:{words})(?:公告)?(?:的?(?:日期|日子|时间|日))?(?:上?(?:写|印)?的?)?(?:日期|日)?\s*(?:是|为|在|于|到|至|[:：])?\s*$"
        ),
    )
    for of, words in _NAMES
]
_HAPPENED: Sequence[tuple[DayOf, str]] = (
    (
        DayOf.OTHER,
        "以后|之后|以前|之前|起(?!算)|注册的?(?:公司|企业|厂|个体)|公开|公布|受理|拿到?(?:的)?证|领证|发证|下证|买|购|转让|过户|变更|成立|开业|质押|签|许可|备案|提醒|离职|起诉|开庭|卖|上市|参展",
    ),
    (DayOf.PAID, "(?:才|刚|去|忘记?了?|没有?|未|漏|该|应)*(?:交(?!的?申请)|缴|付)"),
    (DayOf.LEARNED, "知道|得知|获知|发现"),
    (DayOf.PRIORITY, "优先权"),
    (DayOf.ISSUE, "发文|发的(?!明)|发出"),
    (DayOf.RECEIPT, "收到|签收|送达|拿到(?!的?证)|寄到"),
    (DayOf.GRANT, "授权"),
    (DayOf.PUBLICATION, "初审|初步审定|公告"),
    (DayOf.EXPIRY, "到期|届满|期满|截止|过期|有效期满"),
    (DayOf.REGISTRATION, "核准|注册(?!号|资本)|下来"),
    (DayOf.FILING, "申请|提交|递交|交的?申请|报的|报上去"),
)
_AFTER = [
    (
        of,
        re.compile(
            rf"\s*[日号]?(?:那天|当天|我们?|公司|商标|专利|就|才|前|内|要|该|得|必须|已经?|刚|由|向\S{{0,8}}?|在\S{{0,6}}?){{0,3}}(?:被|给)?(?:{words})"
        ),
    )
    for of, words in _HAPPENED
]
_YEAR = re.compile(r"\d{2,4}\s*[年.\-/]|\d{8}|[〇零一二三四五六七八九]{2,4}\s*年|[去前今]年")
NEAR = 30  # characters on either side that can say it
_COMPANY = re.compile(r"(?:公司|企业|厂|店)\s*[是于在]?\s*$")  # 公司2018年5月1日注册: no mark's day
_TAKEN_BACK = re.compile(
    r"(?:^|[,，。;；\s])(?:哦|啊|不)*(?:不是|不对|错了|说错了?|写错了?|打错了?)[,，。;；\s]*(?:应该)?是?[^\d,，。]{0,4}$"
)
"""到期日2016年, 不是, 是2026年: what was said first is taken back."""
_RANGE = re.compile(r"^\s*(?:到|至|—|-|~|～)\s*$")


def days_told(turn: Turn) -> tuple[DayTold, ...]:
    """Return every day of the message, in order, with what it is the day of."""
    slots = turn.slots(SlotKind.DATE)
    told: list[DayTold] = []
    free = 0  # from here on no word has been taken for an earlier day
    for number, slot in enumerate(slots):
        before = turn.text[free : slot.start]
        stop = slots[number + 1].start if number + 1 < len(slots) else len(turn.text)
        after = turn.text[slot.end : stop]
        free = slot.end
        if told and _RANGE.match(before) and told[-1].of is DayOf.EXPIRY:
            # 有效期2018年2月7日到2028年2月6日: it began with the registration.
            told[-1] = DayTold(told[-1].slot, DayOf.REGISTRATION)
            told.append(DayTold(slot, DayOf.EXPIRY))
            continue
        of = _named(before)
        if of is DayOf.RECEIPT and (said := _happened(after))[0] is not DayOf.UNSAID:
            of, free = said[0], free + said[1]  # 收到补正通知书 11月5日发的; 收到审查意见 2024年5月1日申请
        if told and before.strip() == "是" and not told[-1].names_a_year:
            of = DayOf.OTHER  # 今天是2026年11月20日
        if of is None:
            of, taken = _happened(after)
            if of is DayOf.REGISTRATION and _COMPANY.search(before):
                of = DayOf.OTHER
            free += taken
        if told and _TAKEN_BACK.search(before):
            before_it = told.pop()
            of = before_it.of if of is DayOf.UNSAID else of
        told.append(DayTold(slot, of))
    return tuple(told)


def _named(before: str) -> DayOf | None:
    clause = MEMBER_END.split(before[-NEAR:])[-1]
    return next((of for of, pattern in _BEFORE if pattern.search(clause)), None)


def _happened(after: str) -> tuple[DayOf, int]:
    """Return what the words behind a day say happened on it, and how many characters say so."""
    clause = MEMBER_END.split(after[:NEAR])[0]
    for of, pattern in _AFTER:
        if found := pattern.match(clause):
            return of, found.end()
    return DayOf.UNSAID, 0


def day_of(told: Sequence[DayTold], of: DayOf, *, unsaid: bool = True) -> DayTold | None:
    """Return the day that is told to be of this, else, with `unsaid`, the only one of which nothing is said.

    None when there is no such day, and when there are several.
    """
    named = [one for one in told if one.of is of]
    if not named and unsaid:
        named = [one for one in told if one.of is DayOf.UNSAID]
    return named[0] if len({one.slot.value or one.slot.text for one in named}) == 1 else None
