"""The font of one paper: a file that holds the characters which stand on it and no others."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import uharfbuzz as harfbuzz

# How characters are joined and how they stand in columns: neither is what a paper does.
_NOT_NEEDED = (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"VORG", b"vhea", b"vmtx")


def font_of(whole: Path, characters: str) -> bytes:
    """Return the OpenType file made from the `whole` font."""
    wanted = harfbuzz.SubsetInput()
    wanted.unicode_set.update(map(ord, characters))
    wanted.drop_table_tag_set.update(int.from_bytes(tag, "big") for tag in _NOT_NEEDED)
    wanted.flags = harfbuzz.SubsetFlags.DESUBROUTINIZE | harfbuzz.SubsetFlags.NO_HINTING
    return bytes(harfbuzz.subset(_opened(whole), wanted).blob.data)


@cache
def _opened(font: Path) -> harfbuzz.Face:
    return harfbuzz.Face(harfbuzz.Blob.from_file_path(str(font)))
