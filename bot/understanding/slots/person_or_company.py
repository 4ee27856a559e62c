"""Whether a person or a company speaks or owns: 我个人, 我们公司, 个体户."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.understanding.slots.slot import Slot, SlotKind
from bot.understanding.slots.terms import TermFinder


class Applicant(StrEnum):
    """Who holds or asks; fees and grants differ by it."""

    PERSON = "person"  # 个人, 自然人
    SOLE_TRADER = "sole_trader"  # 个体工商户
    COMPANY = "company"  # 公司, 企业, 厂


_FINDER = TermFinder(
    SlotKind.APPLICANT,
    {
        Applicant.PERSON: ("个人", "自然人", "我本人", "我自己", "私人", "以我的名义", "用我的名字"),
        Applicant.SOLE_TRADER: ("个体工商户", "个体户", "个体经营户", "个体经营", "个体"),
        Applicant.COMPANY: (
            "有限责任公司", "股份公司", "有限公司", "分公司", "公司", "企业", "单位名下", "我们厂", "小厂", "厂子", "厂里", "工厂", "我厂",
            "合作社", "合伙企业", "个人独资企业", "法人",
        ),
    },
)  # fmt: skip


def find_applicants(text: str) -> Iterator[Slot]:
    """Yield each word that says who speaks or owns."""
    yield from _FINDER.find(text)
