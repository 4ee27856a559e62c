"""Money is an integer number of 分 (fen); people read it as 1,200元."""

from __future__ import annotations

from decimal import Decimal
from typing import NewType

Fen = NewType("Fen", int)


def from_yuan(yuan: int | str | Decimal) -> Fen:
    """Return the amount in 分. Raises ValueError when `yuan` has a fraction of a 分."""
    fen = Decimal(yuan) * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"{yuan} yuan is not a whole number of fen")
    return Fen(int(fen))


def format_yuan(fen: int) -> str:
    """Return the amount as people read it: `1,200元`, `0.50元`, `-30元`."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}元" if rest == 0 else f"{sign}{yuan:,}.{rest:02d}元"
