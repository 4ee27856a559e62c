"""Small pictures of what owners sent, made when they are looked at: upright, and light enough for a phone's connection.

The bytes come from outside: what is no picture, is broken, or would fill the memory has no preview, and the page keeps
its plain link.
"""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from PIL import Image, ImageOps

log = structlog.get_logger()

SIDE: Final = 480  # pixels of the longer side: sharp at half of it on a phone's screen
_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP")
_QUALITY: Final = 72
_KEPT: Final = 100  # of some 20 KB each
# A JPEG is read at an eighth of its size, others whole at four bytes a pixel.
_MOST_PIXELS_OF_JPEG: Final = 60_000_000
_MOST_PIXELS: Final = 25_000_000


class Previews:
    """Makes previews, one at a time so that large pictures do not add up, and keeps the latest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes | None] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(self, sha256: str, read: Callable[[], Awaitable[bytes]]) -> bytes | None:
        """Return the preview of the file with this hash, None where there is none; `read` is asked for its bytes."""
        async with self._turn:
            if sha256 not in self._kept:
                self._kept[sha256] = await asyncio.to_thread(preview, await read())
            self._kept.move_to_end(sha256)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[sha256]


def preview(data: bytes) -> bytes | None:
    """Return a JPEG of at most `SIDE` pixels a side without any of the picture's own metadata, None for no picture."""
    try:
        return _small(data)
    except Exception as error:  # noqa: BLE001 - decoders raise almost anything for hostile bytes
        log.info("a picture has no preview", why=type(error).__name__, size=len(data))
        return None


def _small(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        most = _MOST_PIXELS_OF_JPEG if image.format == "JPEG" else _MOST_PIXELS
        if image.width * image.height > most:
            raise ValueError("too many pixels")
        image.thumbnail((SIDE, SIDE))
        upright = ImageOps.exif_transpose(image)
        shown = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    if shown.mode == "RGBA":
        ground = Image.new("RGBA", shown.size, "white")
        shown = Image.alpha_composite(ground, shown).convert("RGB")
    shown.info.clear()  # where it was taken, and with what, is no part of a preview
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
