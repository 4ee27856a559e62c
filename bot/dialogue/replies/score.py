"""A score in words and as a picture: the total first, then the dimensions as a radar, then what was given for each."""

from __future__ import annotations

from fractions import Fraction

from bot.dialogue.turn import say
from rules.document import Score
from rules.scores import DimensionScore, IndicatorScore, ScoreResult, ScoreStatus
from store.messages import CardPart, ChartPart, Part, TablePart, TextPart


def score_parts(form: Score, result: ScoreResult) -> list[Part]:
    """Return the answer of a score; with facts missing the two ends between which it lies."""
    if result.status in (ScoreStatus.NOT_YET, ScoreStatus.EXPIRED):
        return [TextPart(text=say(f"score.{result.status.value}", title=form.title))]
    parts: list[Part] = [_card(form, result)]
    if result.status is ScoreStatus.SCORED:
        parts.append(_radar(form, result))
    parts += [_table(dimension) for dimension in result.dimensions]
    return parts


def _card(form: Score, result: ScoreResult) -> CardPart:
    lines = [(say("score.label_purpose"), result.purpose), (say("score.label_total"), _total(result))]
    if result.level is not None:
        lines.append((say("score.label_level"), result.level.title or result.level.id))
        if result.level.advice:
            lines.append((say("score.label_advice"), result.level.advice))
    version = form.versions[-1]
    purpose = version.purposes[result.purpose]
    weights = "、".join(
        say("score.weight", title=part.title, percent=f"{part.weight * 100:.0f}")
        for part in result.dimensions
    )
    lines.append((say("score.label_weights"), weights))
    if result.missing:
        lines.append((say("score.label_missing"), say("score.missing", count=len(result.missing))))
    notes = [text for text in (purpose.note, *form.notes) if text]
    return CardPart(title=form.title, lines=tuple(lines), note="\n".join(notes))


def _total(result: ScoreResult) -> str:
    if result.total is not None:
        return say("score.points", points=_number(result.total))
    low, high = result.total_range or (Fraction(0), Fraction(100))
    return say("score.between", low=_number(low), high=_number(high))


def _radar(form: Score, result: ScoreResult) -> ChartPart:
    points = [part.points or Fraction(0) for part in result.dimensions]
    titles = tuple(part.title for part in result.dimensions)
    told = "、".join(f"{title}{_number(value)}" for title, value in zip(titles, points, strict=True))
    return ChartPart(
        shape="radar",
        title=form.title,
        labels=titles,
        values=tuple(round(float(value), 1) for value in points),
        alt=say("score.radar_alt", title=form.title, told=told),
    )


def _table(dimension: DimensionScore) -> TablePart:
    rows = tuple((item.title, _points(item), f"{item.weight * 100:.0f}%") for item in dimension.indicators)
    return TablePart(
        title=say("score.dimension", title=dimension.title, points=_bounds(dimension)),
        columns=(say("score.column_indicator"), say("score.column_points"), say("score.column_weight")),
        rows=rows,
    )


def _points(item: IndicatorScore) -> str:
    return "—" if item.points is None else _number(item.points)


def _bounds(dimension: DimensionScore) -> str:
    if dimension.points is not None:
        return say("score.points", points=_number(dimension.points))
    return say("score.between", low=_number(dimension.low), high=_number(dimension.high))


def _number(value: Fraction) -> str:
    return f"{float(value):.1f}".removesuffix(".0")
