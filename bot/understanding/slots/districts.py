"""Ningbo's districts, counties and functional areas, with the names that people use for them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.understanding.slots.slot import Slot, SlotKind
from bot.understanding.slots.terms import TermFinder


class District(StrEnum):
    """Where a company is registered; the value is the official name."""

    HAISHU = "海曙区"
    JIANGBEI = "江北区"
    ZHENHAI = "镇海区"
    BEILUN = "北仑区"
    YINZHOU = "鄞州区"
    FENGHUA = "奉化区"
    YUYAO = "余姚市"
    CIXI = "慈溪市"
    NINGHAI = "宁海县"
    XIANGSHAN = "象山县"
    HIGH_TECH = "宁波国家高新区"  # also called 新材料科技城
    QIANWAN = "前湾新区"  # formerly 杭州湾新区
    DONGQIAN_LAKE = "东钱湖"
    DAXIE = "大榭开发区"
    BONDED = "宁波保税区"
    CITY = "宁波市"  # the city as such, no district said


_ALIASES: dict[District, tuple[str, ...]] = {
    District.HAISHU: ("海曙区", "海曙", "haishu", "海署区", "海曙市"),
    District.JIANGBEI: ("江北区", "江北", "jiangbei"),
    District.ZHENHAI: ("镇海区", "镇海", "zhenhai", "振海区"),
    District.BEILUN: ("北仑区", "北仑", "北伦", "beilun", "宁波开发区", "宁波经济技术开发区"),
    District.YINZHOU: ("鄞州区", "鄞州", "鄞县", "江东区", "银州区", "勤州区", "yinzhou", "鄞洲"),
    District.FENGHUA: ("奉化区", "奉化市", "奉化", "fenghua", "凤化"),
    District.YUYAO: ("余姚市", "余姚", "yuyao", "余要市"),
    District.CIXI: ("慈溪市", "慈溪", "cixi", "慈西"),
    District.NINGHAI: ("宁海县", "宁海", "ninghai"),
    District.XIANGSHAN: ("象山县", "象山", "xiangshan"),
    District.HIGH_TECH: (
        "宁波国家高新区", "宁波高新区", "国家高新区", "高新区", "新材料科技城", "甬高新", "高新园区",
    ),
    District.QIANWAN: ("前湾新区", "前湾", "杭州湾新区", "宁波杭州湾", "qianwan"),
    District.DONGQIAN_LAKE: ("东钱湖度假区", "东钱湖"),
    District.DAXIE: ("大榭开发区", "大榭岛", "大榭", "daxie"),
    District.BONDED: ("宁波保税区", "保税区", "综保区", "梅山保税港区"),
    District.CITY: ("宁波市", "宁波", "市本级", "ningbo", "甬城"),
}  # fmt: skip

_FINDER = TermFinder(SlotKind.DISTRICT, _ALIASES)


def find_districts(text: str) -> Iterator[Slot]:
    """Yield each district; the city itself only when no district is named as well."""
    found = list(_FINDER.find(text))
    exact = [slot for slot in found if slot.value is not District.CITY]
    yield from exact or found
