"""Small pictures of what owners sent: upright, small, and none of what is hostile."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import ExifTags, Image

from desk.previews import SIDE, Previews, preview

ORIENTATION, MAKER = ExifTags.Base.Orientation, ExifTags.Base.Make


def picture(kind: str, size: tuple[int, int], mode: str = "RGB", **saved: object) -> bytes:
    """Return a picture whose left third is red, as a file of this kind."""
    image = Image.new(mode, size, (0, 0, 255, 0)[: len(mode)])
    image.paste((255, 0, 0, 255)[: len(mode)], (0, 0, size[0] // 3, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **saved)  # type: ignore[arg-type]
    return out.getvalue()


def shown(data: bytes) -> Image.Image:
    small = preview(data)
    assert small is not None
    image = Image.open(io.BytesIO(small))
    assert image.format == "JPEG"
    assert max(image.size) <= SIDE
    return image


def is_red(image: Image.Image, x: float, y: float) -> bool:
    red, green, blue = image.getpixel((int(image.width * x), int(image.height * y)))  # type: ignore[misc]
    return red > 200 and green < 60 and blue < 60


def test_a_photo_of_a_phone_stands_upright_and_tells_nothing_of_itself() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "maker of phones"  # the camera was held upright: its left is the top
    data = picture("JPEG", (4000, 3000), exif=exif)
    image = shown(data)
    assert image.size == (SIDE * 3 // 4, SIDE)
    assert is_red(image, 0.5, 0.1)
    assert not is_red(image, 0.5, 0.9)
    assert not image.getexif()
    assert len(preview(data) or b"") < 40_000


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_every_kind_that_owners_send(kind: str) -> None:
    image = shown(picture(kind, (1080, 2400)))
    assert image.size == (SIDE * 1080 // 2400, SIDE)
    assert is_red(image, 0.1, 0.5)


def test_a_long_screenshot_and_a_tiny_one() -> None:
    assert shown(picture("PNG", (1080, 20_000))).height == SIDE
    assert shown(picture("PNG", (3, 2))).size == (3, 2)


def test_what_shines_through_is_white() -> None:
    image = shown(picture("PNG", (90, 90), "RGBA"))
    assert image.getpixel((80, 45)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "P"])
def test_scans_and_prints(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (600, 400)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert shown(out.getvalue()).size == (SIDE, SIDE * 400 // 600)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that says it is this large."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"0" * 9_000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        picture("JPEG", (800, 600))[:900],
        picture("PNG", (800, 600))[:200],
        picture("WEBP", (800, 600))[:60],
        picture("BMP", (80, 60)),
        bomb(60_000, 60_000),
        bomb(6_000, 6_000),
        bomb(0, 5),
        bomb(2_000, 2_000),
        b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(5_000),
        b"\xff\xd8\xff" + random.Random(2).randbytes(5_000),
    ],
    ids=lambda data: f"{len(data)} bytes",
)
def test_what_is_hostile_or_no_picture_has_no_preview(data: bytes) -> None:
    assert preview(data) is None


async def test_a_picture_is_made_small_once() -> None:
    reads = 0

    async def read() -> bytes:
        nonlocal reads
        reads += 1
        return picture("PNG", (900, 900))

    previews = Previews()
    first = await previews.of("a", read)
    assert await previews.of("a", read) is first
    assert reads == 1
    for number in range(200):
        await previews.of(str(number), read)
    assert await previews.of("a", read) == first  # it was forgotten meanwhile, and made again
    assert reads == 202
