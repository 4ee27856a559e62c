"""Compute a weighted score: points for each dimension and in total, exactly or between two bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from rules.amounts import let_value
from rules.citation import Citation
from rules.errors import RulesError
from rules.evaluate import Environment
from rules.facts import FactDictionary, Facts, FactState
from rules.possible import Exactly, span
from rules.score_form import Dimension, Indicator, Level, Purpose, Score, ScoreVersion


class ScoreStatus(StrEnum):
    """How far a score is known."""

    SCORED = "scored"  # the total is exact
    UNKNOWN = "unknown"  # facts are missing: bounds only
    NOT_YET = "not_yet"  # not in force yet
    EXPIRED = "expired"  # no longer in force


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """One indicator from 0 to `best`; `points` None while facts are missing, then `low` and `high` bound it."""

    id: str
    title: str
    points: Fraction | None
    low: Fraction
    high: Fraction
    best: Decimal
    weight: Decimal
    citations: tuple[Citation, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """One dimension from 0 to 100: an axis of the radar chart."""

    id: str
    title: str
    weight: Decimal
    points: Fraction | None
    low: Fraction
    high: Fraction
    indicators: tuple[IndicatorScore, ...]


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """The weighted total from 0 to 100, its dimensions, the grade, and the facts that are missing."""

    score: str
    title: str
    as_of: date
    status: ScoreStatus
    purpose: str = ""
    total: Fraction | None = None
    total_range: tuple[Fraction, Fraction] | None = None
    dimensions: tuple[DimensionScore, ...] = ()
    level: Level | None = None  # given as soon as the bounds allow only one
    missing: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()

    @property
    def askable(self) -> tuple[str, ...]:
        """Return the missing facts that may still be asked for."""
        return tuple(name for name in self.missing if name not in self.declined)


def score(
    form: Score, facts: Facts, as_of: date, dictionary: FactDictionary, purpose: str | None = None
) -> ScoreResult:
    """Return the score for a purpose (the first one by default). Raises RulesError for an unknown purpose."""
    version = next((version for version in form.versions if version.valid.holds(as_of)), None)
    if version is None:
        later = any(version.valid.starts_after(as_of) for version in form.versions)
        return ScoreResult(form.id, form.title, as_of, ScoreStatus.NOT_YET if later else ScoreStatus.EXPIRED)
    name = purpose or next(iter(version.purposes))
    if name not in version.purposes:
        raise RulesError(f"{form.id} has no purpose {name!r}")
    weights = version.purposes[name]
    environment = Environment(facts, as_of, dictionary)
    dimensions = tuple(
        _dimension(form, part, weights.weights[part.id], environment) for part in version.dimensions
    )
    return _total(form, version, name, weights, dimensions, environment)


def _total(
    form: Score,
    version: ScoreVersion,
    name: str,
    purpose: Purpose,
    dimensions: tuple[DimensionScore, ...],
    environment: Environment,
) -> ScoreResult:
    low = sum((Fraction(part.weight) * part.low for part in dimensions), Fraction(0))
    high = sum((Fraction(part.weight) * part.high for part in dimensions), Fraction(0))
    counted = [axis for axis in dimensions if axis.weight]
    missing = tuple(
        dict.fromkeys(fact for axis in counted for part in axis.indicators for fact in part.missing)
    )
    level = _level(version, low)
    indicators = [part for axis in dimensions for part in axis.indicators]
    cited = [citation for part in indicators for citation in part.citations]
    return ScoreResult(
        score=form.id,
        title=form.title,
        as_of=environment.as_of,
        status=ScoreStatus.UNKNOWN if missing else ScoreStatus.SCORED,
        purpose=name,
        total=None if missing else low,
        total_range=(low, high) if missing else None,
        dimensions=dimensions,
        level=level if level == _level(version, high) else None,
        missing=missing,
        declined=tuple(fact for fact in missing if environment.facts.state(fact) is FactState.DECLINED),
        citations=tuple(
            dict.fromkeys([*form.cite(purpose.cite), *cited, *(form.cite(level.cite) if level else ())])
        ),
    )


def _level(version: ScoreVersion, points: Fraction) -> Level | None:
    return next((level for level in version.levels if points >= Fraction(level.minimum)), None)


def _dimension(form: Score, part: Dimension, weight: Decimal, environment: Environment) -> DimensionScore:
    indicators = tuple(_indicator(form, indicator, environment) for indicator in part.indicators)
    low = sum((_share(item, item.low) for item in indicators), Fraction(0))
    high = sum((_share(item, item.high) for item in indicators), Fraction(0))
    exact = all(item.points is not None for item in indicators if item.weight)
    return DimensionScore(part.id, part.title, weight, low if exact else None, low, high, indicators)


def _share(item: IndicatorScore, points: Fraction) -> Fraction:
    return Fraction(item.weight) * points / Fraction(item.best) * 100


def _indicator(form: Score, indicator: Indicator, environment: Environment) -> IndicatorScore:
    used = dict.fromkeys(indicator.cite)
    inner = environment.with_lets({})
    value = let_value(indicator.score, inner, used)
    bounds = span(value)
    if isinstance(value, Exactly) and (bounds is None or isinstance(bounds.low, date)):
        raise RulesError(f"points are a number, not {value.value!r}")
    best = Fraction(indicator.best)
    low = Fraction(0) if bounds is None else _within(bounds.low, best)
    high = best if bounds is None else _within(bounds.high, best)
    exact = bounds is not None and low == high
    return IndicatorScore(
        id=indicator.id,
        title=indicator.title or indicator.id,
        points=low if exact else None,
        low=low,
        high=high,
        best=indicator.best,
        weight=indicator.weight,
        citations=form.cite(used),
        missing=() if exact or not indicator.weight else tuple(inner.touched),
    )


def _within(points: Any, best: Fraction) -> Fraction:
    """Points from 0 to `best`; what lies outside counts as the nearest end."""
    if isinstance(points, float):
        return best if points > 0 else Fraction(0)
    return min(max(Fraction(points), Fraction(0)), best)
