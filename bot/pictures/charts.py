"""Radar, bars and line: each measured first, then drawn below the title."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.pictures.canvas import INK, INNER, JADE, LINE, MARGIN, SEAL, SOFT, TINT, WIDTH, Canvas, Point
from bot.pictures.typesetting import Style, width, wrap
from store.messages import ChartPart

LABEL, VALUE, SMALL = Style(13.5), Style(13.5, bold=True), Style(12)
_FEWEST_AXES = 3  # with fewer a radar has no surface
_MOST_VALUES_WRITTEN = 8  # on a line; with more only the first, the greatest and the last


@dataclass(frozen=True, slots=True)
class Body:
    """What stands below the title: its height in units, and how it is drawn from a top on."""

    height: float
    draw: Callable[[Canvas, float], None]


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    value: float | None  # None: no number that could be drawn
    words: str


def chart_body(part: ChartPart) -> Body:
    """Return the chart; a radar of fewer than three axes is drawn as bars."""
    entries = [
        _Entry(label, value if math.isfinite(value) else None, _words(value, part.unit))
        for label, value in zip(part.labels, part.values, strict=False)
    ]
    if part.shape == "radar" and len(entries) >= _FEWEST_AXES:
        return _radar(entries)
    return _line(entries, part.unit) if part.shape == "line" else _bars(entries)


def number(value: float) -> str:
    """Return the number as people write it: 1,234.5; at most two decimals."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _words(value: float, unit: str) -> str:
    return f"{number(value)}{unit}" if math.isfinite(value) else "—"


def _greatest(entries: Sequence[_Entry]) -> float:
    return max((entry.value for entry in entries if entry.value is not None), default=0.0)


def _share(value: float | None, top: float) -> float:
    return 0.0 if value is None or top <= 0 else min(max(value, 0.0) / top, 1.0)


def _bars(entries: Sequence[_Entry]) -> Body:
    top = _greatest(entries)
    value_room = max((width(entry.words, VALUE) for entry in entries), default=0.0)
    label_room = min(max((width(entry.label, LABEL) for entry in entries), default=0.0), 118.0)
    labels = [wrap(entry.label, LABEL, label_room + 1) for entry in entries]
    many = len(entries) > 10
    heights = [len(lines) * LABEL.leading + (4 if many else 9) for lines in labels]
    left = MARGIN + label_room + 8
    room = WIDTH - MARGIN - value_room - 7 - left

    def draw(canvas: Canvas, y: float) -> None:
        for entry, lines, high in zip(entries, labels, heights, strict=True):
            middle = y + high / 2
            _lines(canvas, left - 8, middle, lines, LABEL, "right")
            canvas.block(left, middle - 8, room, 16, TINT, 4)
            canvas.block(left, middle - 8, max(room * _share(entry.value, top), 1.5), 16, SEAL, 4)
            canvas.text(WIDTH - MARGIN, middle - VALUE.leading / 2, entry.words, VALUE, align="right")
            y += high

    return Body(sum(heights), draw)


def _lines(
    canvas: Canvas, x: float, middle: float, lines: Sequence[str], style: Style, align: str, colour: str = INK
) -> None:
    """Write lines around a height."""
    top = middle - len(lines) * style.leading / 2
    for number_of_line, line in enumerate(lines):
        canvas.text(x, top + number_of_line * style.leading, line, style, colour, align)


_RADIUS = 92.0


def _radar(entries: Sequence[_Entry]) -> Body:
    """Each axis from 0 to 100 where the values are points of a hundred, else to the greatest value."""
    greatest = _greatest(entries)
    top = 100.0 if 10 < greatest <= 100 else greatest
    directions = [
        (math.cos(turn), math.sin(turn))
        for turn in (2 * math.pi * at / len(entries) - math.pi / 2 for at in range(len(entries)))
    ]
    labels = [_axis_label(entry, direction) for entry, direction in zip(entries, directions, strict=True)]
    above = max(
        (
            len(lines) * LABEL.leading
            for (_, down), lines in zip(directions, labels, strict=True)
            if down < -0.9
        ),
        default=20.0,
    )
    lowest = max(down for _, down in directions)
    below = max(len(lines) for lines in labels) * LABEL.leading * (1 if lowest > 0.9 else 0.5) + 8

    def draw(canvas: Canvas, y: float) -> None:
        centre = (WIDTH / 2, y + above + 10 + _RADIUS)

        def ring(shares: Sequence[float]) -> list[Point]:
            return [
                (centre[0] + right * _RADIUS * share, centre[1] + down * _RADIUS * share)
                for (right, down), share in zip(directions, shares, strict=True)
            ]

        for share in (1.0, 0.75, 0.5, 0.25):
            canvas.strokes(ring([share] * len(entries)), LINE, 0.8, closed=True)
        for end in ring([1.0] * len(entries)):
            canvas.strokes([centre, end], LINE, 0.8)
        reached = ring([_share(entry.value, top) for entry in entries])
        canvas.shape(reached, SEAL, 0.22)
        canvas.strokes(reached, SEAL, 2, closed=True)
        for x, at in reached:
            canvas.dot(x, at, 3, SEAL)
        for (right, down), lines in zip(directions, labels, strict=True):
            align = "middle" if abs(right) < 0.2 else "left" if right > 0 else "right"
            rows = len(lines) * LABEL.leading / 2
            middle = centre[1] + down * (_RADIUS + 8) + (rows * down if abs(right) < 0.2 else 0)
            _lines(canvas, centre[0] + right * (_RADIUS + 8), middle, lines, LABEL, align)

    return Body(above + 10 + _RADIUS * (1 + lowest) + below, draw)


def _axis_label(entry: _Entry, direction: Point) -> list[str]:
    """Return the label with its value, in the room between the axis and the edge of the paper."""
    right = abs(direction[0])
    room = INNER if right < 0.2 else WIDTH / 2 - right * (_RADIUS + 8) - 8
    together = f"{entry.label} {entry.words}"
    return [together] if width(together, LABEL) <= room else [*wrap(entry.label, LABEL, room), entry.words]


_PLOT = 170.0


def _line(entries: Sequence[_Entry], unit: str) -> Body:
    top = _round_up(_greatest(entries))
    marks = [(share, number(top * share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    left = MARGIN + max(width(words, SMALL) for _, words in marks) + 8
    room = WIDTH - MARGIN - 6 - left
    places = [left + 6 + (room - 12) * (at / max(len(entries) - 1, 1)) for at in range(len(entries))]
    above = SMALL.leading + 6

    def draw(canvas: Canvas, y: float) -> None:
        if unit:
            canvas.text(MARGIN, y, f"单位：{unit}", SMALL, SOFT)
        y += above + 12
        for share, words in marks:
            level = y + _PLOT * (1 - share)
            canvas.rule(left, left + room, level)
            canvas.text(left - 8, level - SMALL.leading / 2, words, SMALL, SOFT, "right")
        points = [
            (x, y + _PLOT * (1 - _share(entry.value, top)))
            for x, entry in zip(places, entries, strict=True)
            if entry.value is not None
        ]
        if len(points) > 1:
            canvas.strokes(points, JADE, 2.2)
        for x, level in points:
            canvas.dot(x, level, 3, JADE)
        for x, entry in zip(places, entries, strict=True):
            if entry.value is not None and entry in _told(entries):
                _within(
                    canvas, x, y + _PLOT * (1 - _share(entry.value, top)) - 20, number(entry.value), VALUE
                )
        for x, entry in _spaced(places, entries):
            _within(canvas, x, y + _PLOT + 6, entry.label, SMALL)

    return Body(above + 12 + _PLOT + 6 + SMALL.leading, draw)


def _told(entries: Sequence[_Entry]) -> list[_Entry]:
    """Return the points whose value is written beside them."""
    known = [entry for entry in entries if entry.value is not None]
    if len(known) <= _MOST_VALUES_WRITTEN:
        return known
    greatest = max(known, key=lambda entry: entry.value or 0)
    return [known[0], known[-1]] if greatest.value == known[-1].value else [known[0], greatest, known[-1]]


def _within(canvas: Canvas, x: float, y: float, text: str, style: Style) -> None:
    """Write text around `x`, but never over the edge of the paper."""
    half = width(text, style) / 2
    canvas.text(min(max(x, 8 + half), WIDTH - 8 - half), y, text, style, align="middle")


def _spaced(places: Sequence[float], entries: Sequence[_Entry]) -> list[tuple[float, _Entry]]:
    """Return as many labels as stand beside each other without touching: every one, every second, every third …"""
    widest = max((width(entry.label, SMALL) for entry in entries), default=0.0) + 8
    step = places[1] - places[0] if len(places) > 1 else widest
    every = max(math.ceil(widest / step), 1) if step else 1
    return list(zip(places, entries, strict=True))[::every]


def _round_up(value: float) -> float:
    """Return the next number above that reads well on an axis: 1, 2, 2.5, 4, 5 or 8 and noughts."""
    if value <= 0:
        return 1.0
    power: float = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 2.5, 4.0, 5.0, 8.0, 10.0) if step * power >= value)
