"""What rule documents, decision tables and scores have in common: the head, the sources, the periods of validity."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from rules.citation import Citation, Confidence
from rules.facts import Scope
from rules.tree import Cites, Model
from rules.yaml_text import Path, Place, YamlText


def _strings(raw: object) -> object:
    return (raw,) if isinstance(raw, str) else raw


Strings = Annotated[tuple[str, ...], BeforeValidator(_strings)]


class Source(Model):
    """A document that rules are taken from."""

    title: str = Field(min_length=1)
    doc_no: str = ""
    url: str = ""
    fetched: date | None = None
    sha256: str = ""
    confidence: Confidence = Confidence.MEDIUM
    note: str = ""

    def citation(self, article: str = "") -> Citation:
        """Return the citation of a place in this source."""
        return Citation(
            title=self.title,
            article=article,
            doc_no=self.doc_no,
            url=self.url,
            fetched=self.fetched,
            confidence=self.confidence,
        )


class Period(Model):
    """From a day to a day, both included; open where a day is missing."""

    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")
    cite: Cites | None = None
    note: str = ""

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError("to 早于 from")
        return self

    def holds(self, day: date) -> bool:
        """Return whether the day lies in the period."""
        return not self.starts_after(day) and not self.ended_before(day)

    def starts_after(self, day: date) -> bool:
        """Return whether the period begins later than the day."""
        return self.start is not None and day < self.start

    def ended_before(self, day: date) -> bool:
        """Return whether the period was over on the day."""
        return self.end is not None and day > self.end

    @property
    def next_day(self) -> date | None:
        """Return the first day after the period, or None when it has no end."""
        return self.end + timedelta(days=1) if self.end else None


class Version(Model):
    """What a document says during one period."""

    valid: Period


class Expectation(Model):
    """What an inline test expects; only what is written is compared. Amounts are in 元."""

    status: str | None = None
    because: Strings | None = None
    missing: Strings | None = None
    declined: Strings | None = None
    window: str | None = None
    next_window: str | None = None
    amount: int | Decimal | None = None
    amount_range: tuple[int | Decimal, int | Decimal | None] | None = None
    capped: bool | None = None
    rows: Strings | None = None
    outputs: Mapping[str, Any] | None = None
    total: int | Decimal | None = None
    total_range: tuple[int | Decimal, int | Decimal] | None = None
    dimensions: Mapping[str, int | Decimal] | None = None
    level: str | None = None


class InlineTest(Model):
    """A test in the document itself."""

    name: str = Field(min_length=1)
    as_of: date
    facts: Mapping[str, Any] = Field(default_factory=dict)
    declined: Strings = ()
    not_applicable: Strings = ()
    purpose: str = ""
    expect: Expectation


class Document(Model, ABC):
    """The head of every knowledge document that is evaluated."""

    form: str = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$")
    kind: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str = Field(min_length=1)
    region: str = ""
    owner: str = Field(min_length=1)
    review_by: date
    summary: str = ""
    aliases: Strings = ()
    tags: Strings = ()
    subject: Scope = Scope.COMPANY
    worth: Decimal = Field(default=Decimal(1), gt=0)  # how much a decision is worth to the person who asks
    sources: Mapping[str, Source] = Field(min_length=1)
    tests: tuple[InlineTest, ...] = ()

    _yaml: YamlText | None = PrivateAttr(default=None)

    @property
    @abstractmethod
    def periods(self) -> tuple[Version, ...]:
        """Return the versions, oldest first as written."""

    def number_on(self, day: date) -> int | None:
        """Return the place in `versions` of the one in force on the day, or None."""
        return next((place for place, version in enumerate(self.periods) if version.valid.holds(day)), None)

    def version_on(self, day: date) -> Version | None:
        """Return the version in force on the day, or None."""
        return next((version for version in self.periods if version.valid.holds(day)), None)

    def cite(self, references: Iterable[str] | None) -> tuple[Citation, ...]:
        """Return the citations for references such as `S1#第三条`. Raises KeyError for an unknown source."""
        found = []
        for reference in references or ():
            source, _, article = reference.partition("#")
            found.append(self.sources[source].citation(article))
        return tuple(found)

    def place(self, path: Path) -> Place:
        """Return line and column of a part of the document; (1, 1) when it was not read from text."""
        return self._yaml.place(path) if self._yaml else (1, 1)

    def remember(self, yaml: YamlText) -> None:
        """Keep the text the document was read from, for the places of findings."""
        self._yaml = yaml
