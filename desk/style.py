"""The desk's style sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

CSS: Final = (Path(__file__).parent / "desk.css").read_text(encoding="utf-8")
