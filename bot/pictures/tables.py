"""A table on a phone's width: columns where they fit in a legible size, else one block a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.pictures.canvas import INNER, LINE, MARGIN, SOFT, STRIPE, TINT, WIDTH, Canvas
from bot.pictures.charts import Body
from bot.pictures.typesetting import Style, tokens, width, wrap
from store.messages import TablePart

# Of one picture: more would be too tall to read on a phone.
MOST_ROWS = 22
MOST_BLOCKS = 6
_SIZES = (14.0, 13.0, 12.0)
_GAP = 12.0
_PAD = 5.0
_FIGURES = re.compile(r"[-+¥]?[0-9][0-9,.]*(元|%|件|分|天)?|—|")


def pages(table: TablePart) -> list[TablePart]:
    """Return the table in tables of a picture each, nearly equally long, numbered in their titles."""
    count = -(-len(table.rows) // (MOST_ROWS if _fitting(table) else MOST_BLOCKS))
    if count <= 1:
        return [table]
    each = -(-len(table.rows) // count)
    return [
        table.model_copy(
            update={
                "title": f"{table.title}（{page + 1}/{count}）",
                "rows": table.rows[page * each : (page + 1) * each],
            }
        )
        for page in range(count)
    ]


def table_body(table: TablePart) -> Body:
    """Return the table, its columns aligned, in the largest size in which they fit."""
    fitting = _fitting(table)
    return _blocks(table) if fitting is None else _grid(table, *fitting)


def _fitting(table: TablePart) -> tuple[list[float], Style] | None:
    """Return the columns' widths in the largest size in which all fit; None where in none they do."""
    for size in _SIZES:
        style = Style(size)
        columns = columns_of(table, style, INNER - 2 * _PAD, _GAP)
        if columns is not None:
            return columns, style
    return None


def columns_of(table: TablePart, style: Style, across: float, gap: float) -> list[float] | None:
    """Return how wide each column is, all with a gap between them in `across`.

    None where a column's longest number, date or word would have to be cut.
    """
    head = replace(style, bold=True)
    wanted, least = [], []
    for at, name in enumerate(table.columns):
        cells = [row[at] for row in table.rows]
        wanted.append(max([width(name, head), *(width(cell, style) for cell in cells)]))
        words = [token.rstrip() for text in cells for token in tokens(text)]
        least.append(max([_half(name, head), *(width(word, style) for word in words)], default=0.0))
    room = across - gap * (len(table.columns) - 1)
    if sum(least) > room:
        return None
    spare, missing = room - sum(least), sum(wanted) - sum(least)
    if missing <= spare:
        return [wide + (room - sum(wanted)) / len(wanted) for wide in wanted]
    found = [small + spare * (wide - small) / missing for wide, small in zip(wanted, least, strict=True)]
    # A cell in more than four lines is no longer a cell.
    tall = any(
        len(wrap(cell, style, wide)) > 4 for row in table.rows for cell, wide in zip(row, found, strict=True)
    )
    return None if tall else found


def _half(name: str, style: Style) -> float:
    """Return the room for a heading in two lines."""
    return width(name, style) / 2 + style.size if len(name) > 3 else width(name, style)


def _grid(table: TablePart, columns: Sequence[float], style: Style) -> Body:
    head = replace(style, bold=True)
    figures = [all(_FIGURES.fullmatch(row[at]) for row in table.rows) for at in range(len(table.columns))]
    written = [(table.columns, head)] + [(row, style) for row in table.rows]
    cells = [
        [wrap(cell, of_row, wide + 0.5) for cell, wide in zip(row, columns, strict=True)]
        for row, of_row in written
    ]
    heights = [max(len(lines) for lines in row) * style.leading + 9 for row in cells]
    lefts = [MARGIN + _PAD + sum(columns[:at]) + _GAP * at for at in range(len(columns))]

    def draw(canvas: Canvas, y: float) -> None:
        for number, (row, high) in enumerate(zip(cells, heights, strict=True)):
            of_row = style if number else head
            ground = TINT if number == 0 else STRIPE if number % 2 == 0 else ""
            if ground:
                canvas.block(MARGIN, y, INNER, high, ground)
            for at, lines in enumerate(row):
                right = figures[at] and bool(table.rows)
                x = lefts[at] + (columns[at] if right else 0)
                for line, text in enumerate(lines):
                    canvas.text(
                        x, y + 4.5 + line * style.leading, text, of_row, align="right" if right else "left"
                    )
            y += high
            canvas.rule(MARGIN, WIDTH - MARGIN, y)

    return Body(sum(heights), draw)


def _blocks(table: TablePart) -> Body:
    """Return the rows below each other: the first cell as a heading, each other one behind its column's name."""
    style, head = Style(14), Style(14.5, bold=True)
    names = min(max((width(name, style) for name in table.columns[1:]), default=0.0), INNER * 0.4) + 12
    rows = []
    for row in table.rows:
        heading = wrap(row[0], head, INNER)
        pairs = [
            (wrap(name, style, names - 8), wrap(cell, style, INNER - names))
            for name, cell in zip(table.columns[1:], row[1:], strict=True)
        ]
        lines = sum(max(len(left), len(right)) for left, right in pairs)
        rows.append((heading, pairs, len(heading) * head.leading + lines * style.leading + 16))

    def draw(canvas: Canvas, y: float) -> None:
        for heading, pairs, high in rows:
            at = y + 8
            for text in heading:
                canvas.text(MARGIN, at, text, head)
                at += head.leading
            for left, right in pairs:
                for line, text in enumerate(left):
                    canvas.text(MARGIN, at + line * style.leading, text, style, SOFT)
                for line, text in enumerate(right):
                    canvas.text(MARGIN + names, at + line * style.leading, text, style)
                at += max(len(left), len(right)) * style.leading
            y += high
            canvas.rule(MARGIN, WIDTH - MARGIN, y, LINE)

    return Body(sum(high for _, _, high in rows), draw)
