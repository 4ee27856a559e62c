"""How a rule says what an amount is: let, tables, brackets, formula, cap, floor, rounding."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from rules.bracket_form import Brackets
from rules.expressions import Expression
from rules.tree import Cites, Formula, Model


class Unit(StrEnum):
    """The unit in which a formula gives its result."""

    YUAN = "元"
    TEN_THOUSAND = "万元"
    FEN = "分"

    @property
    def fen(self) -> int:
        """Return how many 分 one unit is."""
        return {Unit.YUAN: 100, Unit.TEN_THOUSAND: 1_000_000, Unit.FEN: 1}[self]


class Rounding(StrEnum):
    """What happens to the part below one `unit` (or one `round_to`)."""

    DOWN = "down"  # cut off, towards zero
    UP = "up"  # any rest counts as one more, away from zero
    HALF_UP = "half_up"  # 四舍五入
    HALF_DOWN = "half_down"  # a half does not count
    HALF_EVEN = "half_even"  # a half goes to the even neighbour
    EXACT = "exact"  # the formula gives no rest below one 分


class TableRow(Model):
    """One line of a `let` table: `{if, then, cite}` or the last `{else: true, then, cite}`."""

    test: Formula | None = Field(default=None, alias="if")
    otherwise: bool = Field(default=False, alias="else")
    then: Formula
    cite: Cites

    @model_validator(mode="after")
    def _either_if_or_else(self) -> Self:
        if self.otherwise == (self.test is not None):
            raise ValueError("每行要写 if 或 else: true，二者选一")
        return self


class LetTable(Model):
    """The first line whose `if` holds gives the value."""

    table: tuple[TableRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _else_comes_last(self) -> Self:
        if not self.table[-1].otherwise:
            raise ValueError("最后一行要写 else: true，不留空档")
        if any(row.otherwise for row in self.table[:-1]):
            raise ValueError("else: true 只能在最后一行")
        return self


class Limit(Model):
    """An upper or lower limit of the amount, in the amount's unit."""

    value: Formula
    cite: Cites
    note: str = ""


def _let_kind(raw: Any) -> str:
    if isinstance(raw, Brackets) or (isinstance(raw, dict) and "brackets" in raw):
        return "<brackets>"
    return "<table>" if isinstance(raw, dict | LetTable) else "<formula>"


Let = Annotated[
    Annotated[LetTable, Tag("<table>")]
    | Annotated[Brackets, Tag("<brackets>")]
    | Annotated[Formula, Tag("<formula>")],
    Discriminator(_let_kind),
]


class Amount(Model):
    """An amount of money a rule gives, or the statement that the source does not publish it."""

    published: bool = True
    unit: Unit | None = None
    round: Rounding | None = None
    round_to: Decimal | None = Field(default=None, gt=0)
    let: Mapping[str, Let] = Field(default_factory=dict)
    formula: Formula | None = None
    cap: Limit | None = None
    floor: Limit | None = None
    explain: str = ""
    cite: Cites | None = None
    note: str = ""
    per: str = ""  # what the amount is for when it is not for the whole: 每件, 每年, 每家

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not self.published:
            if self.formula or self.cap or self.let:
                raise ValueError("published: false 时不写公式和上限")
            if not (self.note and self.cite):
                raise ValueError("published: false 时要写 note 和 cite，说明来源没有公布金额")
            return self
        if self.formula is None:
            raise ValueError("缺少 formula；来源没有公布金额时写 published: false")
        if self.unit is None:
            raise ValueError("金额必须写明 unit（元、万元、分）")
        if self.round is None:
            raise ValueError(f"金额必须写明 round（{'、'.join(Rounding)}）")
        if circle := _circle({name: _names(let) for name, let in self.let.items()}):
            raise ValueError(f"let 绕了一圈：{' → '.join(circle)}")
        return self


def _names(let: LetTable | Brackets | Expression) -> set[str]:
    """Return the names that a `let` reads."""
    match let:
        case Expression():
            read: list[Expression | None] = [let]
        case Brackets():
            read = [let.of, let.scale]
            read += [part for row in let.rows for part in (row.up_to, row.rate, row.fixed)]
        case LetTable():
            read = [part for row in let.table for part in (row.test, row.then)]
    return {name for part in read if part is not None for name in part.names}


def _circle(reads: Mapping[str, set[str]]) -> list[str]:
    """Return the names of a circle of `let`s that need each other, empty when there is none."""
    done: set[str] = set()
    for start in reads:
        way: list[str] = []
        waiting = [(start, 0)]
        while waiting:
            name, depth = waiting.pop()
            del way[depth:]
            if name in way:
                return [*way[way.index(name) :], name]
            if name in done or name not in reads:
                done.add(name)
                continue
            way.append(name)
            waiting += [(other, depth + 1) for other in sorted(reads[name])]
        done.add(start)
    return []
