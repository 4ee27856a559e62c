"""The Chinese fonts that pictures and documents are set in: Noto Sans SC and Noto Serif SC (OFL), from a package."""

from __future__ import annotations

import importlib.resources
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

import structlog
from PIL import ImageFont

log = structlog.get_logger()

_PACKAGE = "pylopdf_fonts_zh_cn"
_NO_CHARACTER = "\uffff"  # U+FFFF, which Unicode never gives to any
_PROBE_PIXELS = 24
_MISSING = "〓"  # the printer's own sign for a character that the type case does not hold


class Face(StrEnum):
    """The value is the file's name in the package."""

    SANS = "NotoSansSC-Regular.otf"  # all text
    SERIF = "NotoSerifSC-Regular.otf"  # titles, as on the page


@cache
def font_file(face: Face) -> Path | None:
    """Return where the font lies; None where its package is not installed, which an operator is told once."""
    try:
        file = importlib.resources.files(_PACKAGE) / face
    except ModuleNotFoundError:
        file = None
    if not isinstance(file, Path) or not file.is_file():
        log.warning(
            "no Chinese font: charts go out as words, answers not as PDF", package=_PACKAGE, font=face
        )
        return None
    return file


def available() -> bool:
    """Return whether Chinese can be drawn at all."""
    return font_file(Face.SANS) is not None and font_file(Face.SERIF) is not None


@lru_cache(maxsize=64)
def typeface(face: Face, pixels: float) -> ImageFont.FreeTypeFont:
    """Return the font at a size in pixels. Raises FileNotFoundError where it is not `available`."""
    file = font_file(face)
    if file is None:
        raise FileNotFoundError(face)
    return ImageFont.truetype(str(file), pixels)


def printable(text: str) -> str:
    """Return the text with only what the fonts hold: emoji fall away, a rare character leaves the printer's 〓."""
    return "".join(
        character if _held(character) else _MISSING if unicodedata.category(character) == "Lo" else ""
        for character in text.replace("\n", " ").replace("\t", " ")
    )


@lru_cache(maxsize=8192)
def _held(character: str) -> bool:
    """Return whether both fonts hold the character: else they would draw the same box for it as for no character.

    Read so because the list of a font's characters takes 40 MB and a third of a second to load.
    """
    return all(_drawn(face, character) != _drawn(face, _NO_CHARACTER) for face in Face)


def _drawn(face: Face, character: str) -> bytes:
    return bytes(typeface(face, _PROBE_PIXELS).getmask(character))
