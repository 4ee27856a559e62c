"""Where a statement comes from: a source and the article in it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Confidence(StrEnum):
    """How well the researched material supports a statement (design, section 3)."""

    HIGH = "H"  # the official text was read, or two agreeing sources
    MEDIUM = "M"  # one good source, or official text plus an interpretation
    LOW = "L"  # a weak, undated or copied page: shown with a warning


class Citation(BaseModel):
    """One source and the place in it. `Citation(title="专利法实施细则", article="第115条")`."""

    model_config = ConfigDict(frozen=True)

    title: str
    article: str = ""
    doc_no: str = ""
    url: str = ""
    fetched: date | None = None
    confidence: Confidence = Confidence.MEDIUM

    def __str__(self) -> str:
        """Return the citation as people read it: `《专利法实施细则》第115条`."""
        title = self.title if self.title.startswith("《") else f"《{self.title}》"
        number = f"（{self.doc_no}）" if self.doc_no else ""
        return f"{title}{number}{self.article}"
