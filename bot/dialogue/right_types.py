"""The kinds of rights a company can have kept, between what people call them and the ids that `rules` uses."""

from __future__ import annotations

from bot.understanding.slots.right_types import RightType

NAMES: dict[str, str] = {
    RightType.INVENTION: "发明专利",
    RightType.UTILITY_MODEL: "实用新型",
    RightType.DESIGN: "外观设计",
    RightType.TRADEMARK: "商标",
}
IDS: dict[str, str] = {name: str(key) for key, name in NAMES.items()}
PATENTS = frozenset({"invention", "utility_model", "design"})


def name_of(right_type: str) -> str:
    """Return what people call the kind: `发明专利`."""
    return NAMES.get(right_type, right_type)
