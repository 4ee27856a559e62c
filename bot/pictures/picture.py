"""One chart or table as a PNG, with its title above and, below, as of which day it is true."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import structlog

from bot.channels.texts import TEXTS
from bot.pictures.canvas import INNER, MARGIN, SEAL, SOFT, WIDTH, Canvas
from bot.pictures.charts import chart_body
from bot.pictures.drawing import in_turn
from bot.pictures.fonts import Face, available
from bot.pictures.tables import pages, table_body
from bot.pictures.typesetting import Style, wrap
from store.messages import ChartPart, CitationPart, Outgoing, Part, TablePart

log = structlog.get_logger()

WIDE = 4  # columns: with fewer a table reads well as text
MOST_PICTURES = 3  # of one table: a longer one is easier to search as text
MEDIA_TYPE = "image/png"
_TITLE = Style(18, Face.SERIF, bold=True)
_FOOT = Style(11.5)


@dataclass(frozen=True, slots=True)
class Drawable:
    """What a picture shows. `as_of` is the day that the answer holds for: a picture is passed on without its answer."""

    part: ChartPart | TablePart
    as_of: str = ""


def drawables(part: Part, as_of: str = "") -> tuple[Drawable, ...]:
    """Return the pictures in which a part is best shown; none where words serve better or nothing can be drawn."""
    if isinstance(part, ChartPart):
        return (Drawable(part, as_of),) if part.values and available() else ()
    if not isinstance(part, TablePart) or len(part.columns) < WIDE or not part.rows or not available():
        return ()
    found = tuple(Drawable(page, as_of) for page in pages(part))
    return found if len(found) <= MOST_PICTURES else ()


def as_of(message: Outgoing) -> str:
    """Return the day that the message's answer holds for, empty where it names none."""
    return next((part.as_of for part in message.parts if isinstance(part, CitationPart)), "")


async def picture_of(what: Drawable) -> bytes | None:
    """Return the PNG, drawn now or as it was drawn before; None, which an operator is told, where that fails."""
    try:
        return await in_turn(_drawn, what)
    except Exception:
        log.exception("a picture could not be drawn: its words go out instead", title=what.part.title)
        return None


@lru_cache(maxsize=64)  # about 6 MB: a broadcast draws its picture once
def _drawn(what: Drawable) -> bytes:
    return draw(what)


def draw(what: Drawable) -> bytes:
    """Return the PNG, 1080 pixels wide. Raises FileNotFoundError where no Chinese font is `available`."""
    title = wrap(what.part.title, _TITLE, INNER) if what.part.title else []
    body = chart_body(what.part) if isinstance(what.part, ChartPart) else table_body(what.part)
    top = MARGIN + len(title) * _TITLE.leading + (12 if title else 0)
    bottom = top + body.height + 12
    canvas = Canvas(bottom + _FOOT.leading + 12)
    for number, line in enumerate(title):
        canvas.text(MARGIN, MARGIN - 4 + number * _TITLE.leading, line, _TITLE)
    body.draw(canvas, top)
    canvas.text(WIDTH - MARGIN, bottom, TEXTS.say("picture.name"), _FOOT, SEAL, "right")
    if what.as_of:
        canvas.text(MARGIN, bottom, TEXTS.say("picture.as_of", day=what.as_of), _FOOT, SOFT)
    return canvas.png()
