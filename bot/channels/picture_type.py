"""What kind of picture some bytes are, by how they begin: what a sender says of a file is not believed."""

from __future__ import annotations

from typing import Final

_BEGINNINGS: Final = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def picture_type(data: bytes) -> str | None:
    """Return the media type of a picture that browsers show and that can hold no script, else None: no SVG."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((media for mark, media in _BEGINNINGS.items() if data.startswith(mark)), None)
