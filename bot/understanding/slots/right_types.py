"""Kinds of rights as owners name them: 发明, 实用新型, 外观, 商标, 软著."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.understanding.slots.slot import Slot, SlotKind
from bot.understanding.slots.terms import TermFinder


class RightType(StrEnum):
    """What kind of right a message speaks of."""

    INVENTION = "invention"  # 发明专利
    UTILITY_MODEL = "utility_model"  # 实用新型
    DESIGN = "design"  # 外观设计
    PATENT = "patent"  # 专利, which of the three was not said
    TRADEMARK = "trademark"  # 商标
    SOFTWARE_COPYRIGHT = "software_copyright"  # 软件著作权
    COPYRIGHT = "copyright"  # 著作权, 版权
    LAYOUT_DESIGN = "layout_design"  # 集成电路布图设计
    PLANT_VARIETY = "plant_variety"  # 植物新品种
    GEOGRAPHICAL_INDICATION = "geographical_indication"  # 地理标志
    TRADE_SECRET = "trade_secret"  # 商业秘密
    DATA = "data"  # 数据知识产权


_ALIASES: dict[RightType, tuple[str, ...]] = {
    RightType.INVENTION: ("发明专利", "发明", "发名专利"),
    RightType.UTILITY_MODEL: ("实用新型专利", "实用新型", "实用新形", "实用专利", "新型专利", "实新"),
    RightType.DESIGN: ("外观设计专利", "外观设计", "外观专利", "外观"),
    RightType.PATENT: ("专利", "专力", "专利权"),
    RightType.TRADEMARK: ("注册商标", "商标", "商表", "牌子", "tm标", "r标"),
    RightType.SOFTWARE_COPYRIGHT: ("计算机软件著作权", "软件著作权", "软件版权", "软著"),
    RightType.COPYRIGHT: ("著作权", "版权", "作品登记"),
    RightType.LAYOUT_DESIGN: ("集成电路布图设计", "布图设计"),
    RightType.PLANT_VARIETY: ("植物新品种", "品种权"),
    RightType.GEOGRAPHICAL_INDICATION: ("地理标志", "地标产品"),
    RightType.TRADE_SECRET: ("商业秘密", "商业机密", "技术秘密"),
    RightType.DATA: ("数据知识产权",),
}

_FINDER = TermFinder(SlotKind.RIGHT_TYPE, _ALIASES)


def find_right_types(text: str) -> Iterator[Slot]:
    """Yield each kind of right; 专利 alone only when none of its three kinds is named."""
    found = [slot for slot in _FINDER.find(text) if not _is_inventor(slot, text)]
    kinds = {RightType.INVENTION, RightType.UTILITY_MODEL, RightType.DESIGN}
    if any(slot.value in kinds for slot in found):
        found = [slot for slot in found if slot.value is not RightType.PATENT]
    yield from found


def _is_inventor(slot: Slot, text: str) -> bool:
    return slot.text == "发明" and text[slot.end : slot.end + 1] in ("人", "家", "者")
