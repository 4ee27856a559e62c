"""The forms of content that is read, not evaluated: answers, sources, agencies, offices and guides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from rules.citation import Citation, Confidence
from rules.form import Period, Source, Strings
from rules.tree import Cites, Model

ID = r"^[a-z0-9]+([._-][a-z0-9]+)*$"


class SourcesFile(Model):
    """Sources that answers, agencies, offices and guides cite by key."""

    form: Literal["sources/1"] = Field(alias="schema")
    sources: Mapping[str, Source] = Field(min_length=1)


class FaqEntry(Model):
    """One answered question. `answer` says first what to do next, then why; the articles stand in `cite`."""

    id: str = Field(pattern=ID)
    question: str = Field(min_length=2)
    aliases: Strings = ()  # other ways to ask the same
    answer: str = Field(min_length=10)
    cite: Cites
    valid: Period = Period()
    confidence: Confidence | None = None  # that of the weakest source when it is not written
    see: Strings = ()  # rules, tables or scores that compute what the answer only describes
    covers: Strings = ()  # rows of the coverage list


class FaqFile(Model):
    """Answers to questions of one intent."""

    form: Literal["faq/1"] = Field(alias="schema")
    intent: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    review_by: date
    answers: tuple[FaqEntry, ...] = Field(min_length=1)


class Agency(Model):
    """Who can take a case. `demo: true` marks a made-up one of the demo data."""

    id: str = Field(pattern=ID)
    name: str = Field(min_length=1)
    demo: bool = False
    takes_cases: bool = False  # cases may be routed to it; institutions that are only named here take none
    districts: Strings = ()  # none named: all of Ningbo
    scopes: Strings = ()  # intents it works on; none named: every one
    services: Strings = ()
    licensed: bool | None = None  # 专利代理机构执业许可; None: not known
    credit_grade: str = ""
    credit_grade_day: date | None = None
    contact: str = ""
    address: str = ""
    note: str = ""
    cite: Cites
    covers: Strings = ()

    @model_validator(mode="after")
    def _grade_has_a_day(self) -> Agency:
        if self.credit_grade and self.credit_grade_day is None:
            raise ValueError("信用等级要写明查询日 credit_grade_day")
        return self


class AgenciesFile(Model):
    """A list of agencies and institutions."""

    form: Literal["agencies/1"] = Field(alias="schema")
    agencies: tuple[Agency, ...] = Field(min_length=1)


class Office(Model):
    """A public office or service: what one goes there for, and how it is reached."""

    id: str = Field(pattern=ID)
    name: str = Field(min_length=1)
    aliases: Strings = ()
    goes_for: Strings = Field(min_length=1, alias="for")
    intents: Strings = ()
    districts: Strings = ()  # none named: all of Ningbo
    contact: str = ""
    contact_day: str = ""  # when the contact was published, as far as the source says
    check_before_use: bool = True
    note: str = ""
    cite: Cites
    covers: Strings = ()


class OfficesFile(Model):
    """A list of offices."""

    form: Literal["offices/1"] = Field(alias="schema")
    offices: tuple[Office, ...] = Field(min_length=1)


class Section(Model):
    """One part of a guide."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    text: str = ""
    items: Strings = ()
    cite: Cites
    covers: Strings = ()

    @model_validator(mode="after")
    def _says_something(self) -> Section:
        if not (self.text or self.items):
            raise ValueError("一节要有 text 或 items")
        return self


class Guide(Model):
    """A text to read or a form to fill in: steps, checklists, catalogues of services, history of targets."""

    form: Literal["guide/1"] = Field(alias="schema")
    id: str = Field(pattern=ID)
    kind: str = Field(min_length=1)
    title: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    review_by: date
    summary: str = ""
    intents: Strings = ()
    historic: bool = False  # over and done: shown as history, never as a current offer
    valid: Period = Period()
    download: bool = False  # offered as a document to fill in
    sections: tuple[Section, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as published: the entry with its intent and its citations."""

    id: str
    intent: str
    question: str
    aliases: tuple[str, ...]
    text: str
    citations: tuple[Citation, ...]
    valid: Period
    confidence: Confidence
    see: tuple[str, ...]
    covers: tuple[str, ...]

    @classmethod
    def of(cls, entry: FaqEntry, intent: str, sources: Mapping[str, Source]) -> Answer:
        """Return the answer of an entry. Raises KeyError for an unknown source."""
        cited = citations(sources, entry.cite)
        weakest = max(cited, key=lambda citation: list(Confidence).index(citation.confidence))
        return cls(
            id=entry.id,
            intent=intent,
            question=entry.question,
            aliases=entry.aliases,
            text=entry.answer.strip(),
            citations=cited,
            valid=entry.valid,
            confidence=entry.confidence or weakest.confidence,
            see=entry.see,
            covers=entry.covers,
        )


def citations(sources: Mapping[str, Source], cite: tuple[str, ...]) -> tuple[Citation, ...]:
    """Return the citations for references such as `PL#第四十二条`. Raises KeyError for an unknown source."""
    found = []
    for reference in cite:
        key, _, article = reference.partition("#")
        found.append(sources[key].citation(article))
    return tuple(found)
