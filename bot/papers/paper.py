"""An answer's paper: written down first, set when all its characters are known.

The font that it is set in then holds no others: reading the whole one, 65,000 glyphs, takes longer than all the rest.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot.papers.font import font_of
from bot.papers.printer import PAGE_NUMBER, TEXT, Printer
from bot.pictures.canvas import INK
from bot.pictures.fonts import Face, font_file, printable
from bot.pictures.typesetting import Style


class NoFontError(Exception):
    """The package with the Chinese fonts is not installed; without it no paper can be made."""


class Paper:
    """One document. Everything stands below what was written before."""

    def __init__(self, title: str, seal: str, foot: str, made_at: datetime) -> None:
        """Begin it. Raises NoFontError."""
        font = font_file(Face.SANS)
        if font is None:
            raise NoFontError(Face.SANS)
        self._font = font
        self._title, self._seal, self._foot, self._made_at = title, seal, foot, made_at
        self._steps: list[Callable[[Printer], None]] = []
        self._words = [title, seal, foot, PAGE_NUMBER]

    def paragraph(self, text: str, style: Style = TEXT, colour: str = INK) -> None:
        """Write text, broken into lines where Chinese may be."""
        self._words.append(text)
        self._steps.append(lambda printer: printer.paragraph(text, style, colour))

    def gap(self, points: float) -> None:
        """Leave room."""
        self._steps.append(lambda printer: printer.gap(points))

    def rule(self) -> None:
        """Draw a thin line across the page."""
        self._steps.append(lambda printer: printer.rule())

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Write labels and, beside them, their values."""
        self._words += [words for pair in pairs for words in pair]
        self._steps.append(lambda printer: printer.pairs(pairs))

    def table(self, columns: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
        """Write a table whose columns are as wide as given, its head tinted."""
        self._words += [*columns, *(cell for row in rows for cell in row)]
        self._steps.append(lambda printer: printer.table(columns, widths, rows))

    def picture(self, png: bytes, wide: float) -> None:
        """Show a picture, on the next page where it does not fit on this one."""
        self._steps.append(lambda printer: printer.picture(png, wide))

    def pdf(self) -> bytes:
        """Return the document; only the characters that it uses are in it."""
        with tempfile.TemporaryDirectory() as folder:  # the library reads fonts from files only
            file = Path(folder) / "characters.otf"
            file.write_bytes(font_of(self._font, printable("".join(self._words))))
            printer = Printer(file, self._title, self._seal, self._foot, self._made_at)
            for step in self._steps:
                step(printer)
            return printer.pdf()
