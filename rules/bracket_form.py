"""How a rule says what is worked out bracket by bracket: court fees, tapering rates."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from rules.tree import Cites, Formula, Model


class BracketKind(StrEnum):
    """What the rows say of the brackets."""

    MARGINAL = (
        "marginal"  # 分段累加: each row's rate on the part of the value inside its bracket, all added up
    )
    LINEAR = "linear"  # the rate holds at the row's upper end, between two ends it moves evenly


class BracketRow(Model):
    """One bracket: from the end of the row before it (the first from nothing) up to `up_to`, or without end."""

    up_to: Formula | None = None
    rate: Formula | None = None
    fixed: Formula | None = None  # instead of a rate: the same for everything that reaches the bracket
    cite: Cites

    @model_validator(mode="after")
    def _either_rate_or_fixed(self) -> Self:
        if (self.rate is None) == (self.fixed is None):
            raise ValueError("每段要写 rate（比例）或 fixed（固定数），二者选一")
        return self


class Brackets(Model):
    """A value worked out by the brackets in which `of` lies. With `scale` the ends are multiples of it."""

    kind: BracketKind = Field(alias="brackets")
    of: Formula
    scale: Formula | None = None
    rows: tuple[BracketRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rows_fit(self) -> Self:
        if any(row.up_to is None for row in self.rows[:-1]):
            raise ValueError("只有最后一段可以不写 up_to")
        if self.kind is BracketKind.LINEAR:
            if any(row.rate is None or row.up_to is None for row in self.rows):
                raise ValueError("brackets: linear 的每段都要写 up_to 和 rate")
            if len(self.rows) < 2:
                raise ValueError("brackets: linear 至少要两段")
        return self
