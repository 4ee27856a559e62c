"""A sheet of paper as wide as a phone. Places and sizes are in units, 360 of which are its width."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw

from bot.pictures.fonts import printable, typeface
from bot.pictures.typesetting import SCALE, Style, width

WIDTH = 360.0
MARGIN = 20.0
INNER = WIDTH - 2 * MARGIN

PAPER, INK, SOFT, LINE = "#fffdf9", "#2c2520", "#6d6259", "#e3d5bf"
SEAL, JADE, TINT, STRIPE = "#b23a2a", "#2c6b5e", "#f5ead9", "#fbf5ea"

_FINER = 4  # slanted edges are drawn so many times larger and then reduced: no steps
_COLOURS = 96

Point = tuple[float, float]
Places = Callable[[Sequence[Point]], list[Point]]
Drawing = Callable[[ImageDraw.ImageDraw, Places], None]


class Canvas:
    """Draws with the page's colours."""

    def __init__(self, height: float) -> None:
        self._image = Image.new("RGB", (round(WIDTH * SCALE), round(height * SCALE)), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self, x: float, y: float, text: str, style: Style, colour: str = INK, align: str = "left"
    ) -> None:
        """Write one line, `y` its top; `align` says which side of it `x` is: left, middle or right."""
        left = x - {"left": 0.0, "middle": 0.5, "right": 1.0}[align] * width(text, style)
        self._draw.text(
            (left * SCALE, (y + style.leading / 2) * SCALE),
            printable(text),
            fill=colour,
            font=typeface(style.face, style.size * SCALE),
            anchor="lm",
            stroke_width=style.stroke,
        )

    def block(self, x: float, y: float, w: float, h: float, colour: str, radius: float = 0) -> None:
        """Fill a rectangle."""
        box = tuple(round(side * SCALE) for side in (x, y, x + w, y + h))
        if box[2] > box[0] and box[3] > box[1]:
            self._draw.rounded_rectangle(box, radius * SCALE, fill=colour)

    def rule(self, x1: float, x2: float, y: float, colour: str = LINE) -> None:
        """Draw a thin level line."""
        self._draw.line([(x1 * SCALE, y * SCALE), (x2 * SCALE, y * SCALE)], fill=colour, width=SCALE // 2 + 1)

    def strokes(self, points: Sequence[Point], colour: str, thick: float, *, closed: bool = False) -> None:
        """Draw a line through the points, without steps."""
        path = [*points, points[0]] if closed else list(points)
        pixels = round(thick * SCALE * _FINER)
        self._smooth(points, thick, colour, lambda pen, at: pen.line(at(path), 255, pixels, "curve"))

    def shape(self, points: Sequence[Point], colour: str, opacity: float = 1.0) -> None:
        """Fill a polygon, without steps."""
        self._smooth(points, 1, colour, lambda pen, at: pen.polygon(at(points), round(255 * opacity)))

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """Fill a circle, without steps."""
        corners = [(x - radius, y - radius), (x + radius, y + radius)]
        self._smooth(corners, 1, colour, lambda pen, at: pen.ellipse(at(corners), 255))

    def png(self) -> bytes:
        """Return the picture: few colours, so that it is small."""
        file = io.BytesIO()
        few = self._image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(file, "PNG", compress_level=6)
        return file.getvalue()

    def _smooth(self, points: Sequence[Point], margin: float, colour: str, draw: Drawing) -> None:
        """Draw through a mask that is finer than the picture, as large as what is drawn."""
        left = int((min(x for x, _ in points) - margin) * SCALE) - 1
        top = int((min(y for _, y in points) - margin) * SCALE) - 1
        right = int((max(x for x, _ in points) + margin) * SCALE) + 2
        bottom = int((max(y for _, y in points) + margin) * SCALE) + 2
        mask = Image.new("L", ((right - left) * _FINER, (bottom - top) * _FINER))

        def at(places: Sequence[Point]) -> list[Point]:
            return [((x * SCALE - left) * _FINER, (y * SCALE - top) * _FINER) for x, y in places]

        draw(ImageDraw.Draw(mask), at)
        self._image.paste(colour, (left, top), mask.reduce(_FINER))
