"""A message as the HTML of a mail: needs nothing from anywhere, its charts lie in the mail itself."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.rendering import Emphasis, Line, citations_last, escape, lines_of
from store.messages import ChartPart, Outgoing, TablePart

_CELL = "padding:4px 10px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid #e3d5bf"


@dataclass(frozen=True, slots=True)
class InlinePicture:
    """A chart as a picture; the mail's text names it by `content_id`, without angle brackets."""

    part: ChartPart
    content_id: str
    data: bytes


def html_of(content: Outgoing, ending: Sequence[Line], pictures: Sequence[InlinePicture] = ()) -> str:
    """Return the mail's HTML: tables as tables, a chart as its picture, or in words where there is none."""
    drawn = {picture.part: picture for picture in pictures}
    written: list[str] = []
    for part in citations_last(content.parts):
        if isinstance(part, TablePart) and part.rows:
            written.append(_table(part))
        elif isinstance(part, ChartPart) and part in drawn:
            written.append(_picture(drawn[part]))
        else:
            written += _lines(lines_of(Outgoing(parts=(part,))))
        written.append(_line(Line("")))
    body = "\n".join([*written, *_lines(ending)])
    return (
        f'<!doctype html><html lang="zh-CN"><body style="line-height:1.6;max-width:40em">{body}</body></html>'
    )


def _table(table: TablePart) -> str:
    title = [_line(Line(table.title, Emphasis.TITLE))] if table.title else []
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(name)}</th>' for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in table.rows
    )
    return "\n".join([*title, f'<table style="border-collapse:collapse"><tr>{head}</tr>{rows}</table>'])


def _picture(picture: InlinePicture) -> str:
    alt = html.escape(picture.part.alt, quote=True)
    return f'<img src="cid:{picture.content_id}" alt="{alt}" width="360" style="max-width:100%;height:auto">'


def _lines(lines: Sequence[Line]) -> list[str]:
    return [_line(line) for line in lines]


def _line(line: Line) -> str:
    text = escape(line.text) or "&nbsp;"
    match line.emphasis:
        case Emphasis.TITLE:
            return f'<p style="margin:0;font-weight:bold">{text}</p>'
        case Emphasis.FOLDED:
            return f'<p style="margin:0;color:#666;font-size:smaller">{text}</p>'
        case _:
            return f'<p style="margin:0">{text}</p>'
