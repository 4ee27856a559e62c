"""The catalogue of what the clock writes, and the small phrases that several messages share."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from knowledge.catalogue import Catalogue
from rules.days import format_day
from rules.money import format_yuan
from store.records import Asset


@lru_cache(maxsize=1)
def texts() -> Catalogue:
    """Return the texts of `scheduler/texts.yaml`."""
    return Catalogue.load(Path(__file__).with_name("texts.yaml"))


def right_type_words(right_type: str) -> str:
    """Return the kind of right in Chinese; Chinese names are kept as they are."""
    key = f"type.{right_type}"
    if key in texts():
        return texts().say(key)
    return texts().say("type.other") if right_type.isascii() else right_type


def asset_words(asset: Asset) -> str:
    """Return how the owner knows the right: its name, else its type and number, else its type and filing day."""
    kind = right_type_words(asset.right_type)
    if asset.name and asset.number:
        return texts().say("asset.named", name=asset.name, number=asset.number)
    if asset.number:
        return texts().say("asset.numbered", type=kind, number=asset.number)
    if asset.name:
        return asset.name
    filed = asset.dates.get("filing")
    if filed:
        return texts().say("asset.unnumbered", type=kind, day=format_day(date.fromisoformat(filed)))
    return texts().say("asset.plain", type=kind)


def left_words(day: date, today: date) -> str:
    """Return how far away a day is: `12天`, `就是今天`, `已过3天`."""
    days = (day - today).days
    if days == 0:
        return texts().say("days.today")
    return texts().say("days.left", days=days) if days > 0 else texts().say("days.past", days=-days)


def amount_words(fen: int | None) -> str:
    """Return the amount, or where it stands when it is not known."""
    return texts().say("amount.unknown") if fen is None else format_yuan(fen)
