"""Where the model trained on the shipped examples is kept for all tests: it is trained once, not by every process."""

from __future__ import annotations

from pathlib import Path

MODEL = Path(__file__).parents[1] / "build" / "understanding.npz"
