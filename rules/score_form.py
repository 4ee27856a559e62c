"""The form of weighted scores (schema score/1): dimensions, indicators, and weights by purpose."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from rules.amount_form import Let
from rules.form import Document, Strings, Version
from rules.tree import Cites, Model


def _let(raw: Any) -> Any:
    return {"table": raw} if isinstance(raw, list) else raw


class Indicator(Model):
    """One thing that is scored, from 0 to `best`."""

    id: str = Field(min_length=1)
    title: str = ""
    score: Annotated[Let, BeforeValidator(_let)]
    best: Decimal = Field(default=Decimal(10), gt=0)
    weight: Decimal = Field(ge=0, le=1)
    cite: Cites
    help: str = ""
    weight_note: str = ""


class Dimension(Model):
    """A group of indicators whose weights add up to 1: one axis of the radar chart."""

    id: str = Field(min_length=1)
    title: str
    indicators: tuple[Indicator, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _weights_add_up(self) -> Self:
        if (total := sum(indicator.weight for indicator in self.indicators)) != 1:
            raise ValueError(f"“{self.title}”各指标的权重之和是{total}，应为1")
        return self


class Purpose(Model):
    """The weights of the dimensions for one use of the score; they add up to 1."""

    weights: Mapping[str, Decimal]
    cite: Cites | None = None
    note: str = ""

    @model_validator(mode="after")
    def _weights_add_up(self) -> Self:
        if (total := sum(self.weights.values())) != 1:
            raise ValueError(f"各维度的权重之和是{total}，应为1")
        return self


class Level(Model):
    """A grade given from a total upwards (0 to 100)."""

    id: str
    minimum: Decimal = Field(alias="from", ge=0, le=100)
    title: str = ""
    advice: str = ""
    cite: Cites


class ScoreVersion(Version):
    """The indicators and weights in force during one period."""

    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    purposes: Mapping[str, Purpose] = Field(min_length=1)
    levels: tuple[Level, ...] = ()

    @model_validator(mode="after")
    def _purposes_weigh_every_dimension(self) -> Self:
        names = {dimension.id for dimension in self.dimensions}
        for name, purpose in self.purposes.items():
            if set(purpose.weights) != names:
                raise ValueError(f"用途“{name}”要给每个维度一个权重：{'、'.join(sorted(names))}")
        ids = [indicator.id for dimension in self.dimensions for indicator in dimension.indicators]
        if repeated := [name for name in ids if ids.count(name) > 1]:
            raise ValueError(f"指标“{repeated[0]}”写了两次")
        bounds = [level.minimum for level in self.levels]
        if bounds != sorted(bounds, reverse=True) or len(set(bounds)) != len(bounds):
            raise ValueError("levels 要从高到低排列，不重复")
        return self


class Score(Document):
    """A weighted score."""

    form: Literal["score/1"] = Field(alias="schema")
    versions: tuple[ScoreVersion, ...] = Field(min_length=1)
    notes: Strings = ()

    @property
    def periods(self) -> tuple[ScoreVersion, ...]:
        """Return the versions."""
        return self.versions
