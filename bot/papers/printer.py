"""Sets what stands on a paper, from above to below: a new page where the last one is full."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont
from PIL import Image

from bot.pictures.canvas import INK, JADE, LINE, SEAL, SOFT, TINT
from bot.pictures.fonts import printable
from bot.pictures.typesetting import Style, wrap

# Points, of which an A4 page has 595 × 842.
MARGIN = 56.0
ROOM = 595.28 - 2 * MARGIN
BOTTOM = 64.0

TITLE, HEADING = Style(19, bold=True), Style(12.5, bold=True)
TEXT, STRONG, SMALL = Style(11), Style(11, bold=True), Style(9)
PAGE_NUMBER = "0123456789 /"

_NAME = "sans"
_SEAL = 22.0


class Printer:
    """One document in one font. Everything is set below what was set before."""

    def __init__(self, font: Path, title: str, seal: str, foot: str, made_at: datetime) -> None:
        """Begin with the head of the first page."""
        self._pdf = _Pages(foot)
        self._pdf.add_font(_NAME, "", font)
        added = self._pdf.fonts[_NAME]
        if isinstance(added, TTFFont):
            added.ttfont.recalcBBoxes = False  # measuring every glyph anew is half of the work
        self._pdf.set_title(printable(title))
        self._pdf.set_lang("zh-CN")
        self._pdf.set_creator(seal)
        self._pdf.set_creation_date(made_at)
        self._pdf.add_page()
        self._head(seal)
        self.paragraph(title, TITLE)
        self.gap(4)

    def paragraph(self, text: str, style: Style = TEXT, colour: str = INK) -> None:
        """Set text, broken into lines where Chinese may be."""
        for line in wrap(text, style, ROOM):
            self._need(style.leading)
            top = self._pdf.get_y()
            self._at(MARGIN, top, line, style, colour, ROOM)
            self._pdf.set_y(top + style.leading)

    def gap(self, points: float) -> None:
        """Leave room."""
        self._pdf.set_y(self._pdf.get_y() + points)

    def rule(self) -> None:
        """Draw a thin line across the page."""
        self._pdf.set_draw_color(LINE)
        self._pdf.set_line_width(0.7)
        self._pdf.line(MARGIN, self._pdf.get_y(), MARGIN + ROOM, self._pdf.get_y())

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Set labels and, beside them, their values."""
        label_room = min(max((len(label) for label, _ in pairs), default=0) * TEXT.size + 14, ROOM * 0.35)
        for label, value in pairs:
            labels, values = wrap(label, TEXT, label_room - 8), wrap(value, STRONG, ROOM - label_room)
            self._row([labels, values], [MARGIN, MARGIN + label_room], [TEXT, STRONG], [SOFT, INK])

    def table(self, columns: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
        """Set a table whose columns are as wide as given, its head tinted."""
        lefts = [MARGIN + 4 + sum(widths[:at]) + 10 * at for at in range(len(widths))]
        for number, row in enumerate([columns, *rows]):
            style = TEXT if number else STRONG
            cells = [wrap(cell, style, wide) for cell, wide in zip(row, widths, strict=True)]
            self._row(cells, lefts, [style] * len(cells), [INK] * len(cells), "" if number else TINT)
            self.rule()
        self.gap(4)

    def picture(self, png: bytes, wide: float) -> None:
        """Show a picture, on the next page where it does not fit on this one."""
        with Image.open(io.BytesIO(png)) as image:
            high = wide * image.height / image.width
        self._need(high)
        self._pdf.image(png, x=MARGIN, y=self._pdf.get_y(), w=wide, h=high)
        self.gap(high)

    def pdf(self) -> bytes:
        """Return the document."""
        return bytes(self._pdf.output())

    def _head(self, seal: str) -> None:
        pdf = self._pdf
        pdf.set_fill_color(SEAL)
        pdf.rect(MARGIN, MARGIN - 18, _SEAL, _SEAL, style="F", round_corners=True, corner_radius=5)
        self._at(MARGIN + 5, MARGIN - 18 + 3, seal[0], Style(12, bold=True), "#fff4e6", 20)
        self._at(MARGIN + _SEAL + 8, MARGIN - 18 + 3, seal, Style(12, bold=True), JADE, 200)
        pdf.set_y(MARGIN + _SEAL)

    def _row(
        self,
        cells: Sequence[Sequence[str]],
        lefts: Sequence[float],
        styles: Sequence[Style],
        colours: Sequence[str],
        ground: str = "",
    ) -> None:
        high = max(len(lines) for lines in cells) * styles[0].leading + 4
        self._need(high)
        top = self._pdf.get_y()
        if ground:
            self._pdf.set_fill_color(ground)
            self._pdf.rect(MARGIN, top, ROOM, high, style="F")
        for lines, left, style, colour in zip(cells, lefts, styles, colours, strict=True):
            for number, line in enumerate(lines):
                self._at(left, top + 2 + number * style.leading, line, style, colour, ROOM)
        self._pdf.set_y(top + high)

    def _at(self, x: float, y: float, text: str, style: Style, colour: str, room: float) -> None:
        pdf = self._pdf
        pdf.set_font(_NAME, size=style.size)
        pdf.set_text_color(colour)
        with pdf.local_context(
            text_mode="FILL_STROKE" if style.bold else "FILL",
            draw_color=colour,
            line_width=style.size / 42 if style.bold else 0.2,
        ):
            pdf.set_xy(x, y)
            pdf.cell(room, style.leading, printable(text), new_x=XPos.LEFT, new_y=YPos.TOP)

    def _need(self, high: float) -> None:
        """Begin a new page where so much does not fit on this one."""
        if self._pdf.get_y() + high > self._pdf.h - BOTTOM and self._pdf.get_y() > MARGIN:
            self._pdf.add_page()
            self._pdf.set_y(MARGIN)


class _Pages(FPDF):
    """Pages with a foot: what the paper is, and which page of how many."""

    def __init__(self, foot: str) -> None:
        super().__init__(unit="pt", format="A4")
        self._foot = foot
        self.set_auto_page_break(False)
        self.c_margin = 0.0

    def footer(self) -> None:
        """Write the foot; the library calls it at the end of each page."""
        self.set_font(_NAME, size=SMALL.size)
        self.set_text_color(SOFT)
        self.set_xy(MARGIN, self.h - 44)
        self.cell(ROOM, 12, printable(self._foot))
        self.set_xy(MARGIN, self.h - 44)
        self.cell(ROOM, 12, f"{self.page_no()} / {{nb}}", align="R")
