"""How rules and facts are described over HTTP: heads, words, sources, versions, definitions."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from app.api_views import Evaluated, Form
from knowledge.base import KnowledgeBase
from knowledge.prose import document_prose
from rules.citation import Confidence
from rules.document import RuleDocument
from rules.facts import FactDefinition, FactType, Scope
from rules.prose import version_prose
from rules.wellformed import facts_used


class Head(BaseModel):
    """A rule, table or score in short."""

    id: str = Field(examples=["subsidy.qianwan-pledge-interest"])
    form: Form
    kind: str = Field(examples=["subsidy"])
    title: str
    region: str
    owner: str
    summary: str
    in_force: bool = Field(description="Whether a version is in force on the day asked for")
    review_by: date
    tags: list[str]

    @classmethod
    def of(cls, document: Evaluated, day: date) -> Head:
        """Return the head as it stands on the day."""
        return cls(**_head(document, day))


def _head(document: Evaluated, day: date) -> dict[str, Any]:
    return {
        "id": document.id,
        "form": Form.of(document),
        "kind": document.kind,
        "title": document.title,
        "region": document.region,
        "owner": document.owner,
        "summary": document.summary,
        "in_force": document.number_on(day) is not None,
        "review_by": document.review_by,
        "tags": list(document.tags),
    }


class Heads(BaseModel):
    """The rules of a published revision."""

    revision: str = Field(description="Hash of the published knowledge base")
    as_of: date
    rules: list[Head]


class SourceView(BaseModel):
    """A document that the rule is taken from."""

    key: str
    title: str
    doc_no: str
    url: str
    fetched: date | None
    confidence: Confidence
    note: str


class VersionView(BaseModel):
    """What the rule says during one period; both days are included."""

    number: int = Field(description="1 is the oldest")
    valid_from: date | None
    valid_to: date | None
    in_force: bool
    prose: str = Field(
        description="This version in Chinese; empty for tables and scores, see `prose` of the rule"
    )


class Described(Head):
    """A rule with its words, sources and history."""

    revision: str
    as_of: date
    prose: str = Field(description="All versions in Chinese, with conditions, articles and amounts")
    facts: list[str] = Field(description="The facts that it reads")
    sources: list[SourceView]
    versions: list[VersionView]

    @classmethod
    def of_document(cls, knowledge: KnowledgeBase, document: Evaluated, day: date) -> Described:
        """Return the rule as it stands on the day."""
        used = facts_used(document)
        return cls(
            **_head(document, day),
            revision=knowledge.hash,
            as_of=day,
            prose=document_prose(knowledge, document.id),
            facts=[name for name in knowledge.facts if name in used],
            sources=[
                SourceView(
                    key=key,
                    title=source.title,
                    doc_no=source.doc_no,
                    url=source.url,
                    fetched=source.fetched,
                    confidence=source.confidence,
                    note=source.note,
                )
                for key, source in document.sources.items()
            ],
            versions=_versions(knowledge, document, day),
        )


def _versions(knowledge: KnowledgeBase, document: Evaluated, day: date) -> list[VersionView]:
    current = document.number_on(day)
    words = (
        [version_prose(document, version, knowledge.facts) for version in document.versions]
        if isinstance(document, RuleDocument)
        else [""] * len(document.periods)
    )
    return [
        VersionView(
            number=place + 1,
            valid_from=version.valid.start,
            valid_to=version.valid.end,
            in_force=place == current,
            prose=words[place],
        )
        for place, version in enumerate(document.periods)
    ]


class FactView(BaseModel):
    """One entry of the dictionary of facts."""

    name: str = Field(examples=["注册地"])
    type: FactType
    unit: str
    values: list[str] = Field(description="The values to choose from, for enum and set")
    minimum: str | None
    maximum: str | None
    ask: str = Field(description="The question in Chinese")
    help: str
    why: str
    scope: Scope
    sensitive: bool
    absent: str = Field(description="The words for “it does not exist here”; empty when it always exists")
    fresh_for_days: int | None = Field(description="Days after which it is asked again")

    @classmethod
    def of(cls, definition: FactDefinition) -> FactView:
        """Return the definition."""
        bounds = (definition.minimum, definition.maximum)
        low, high = (None if bound is None else str(bound) for bound in bounds)
        return cls(
            name=definition.name,
            type=definition.type,
            unit=definition.unit,
            values=list(definition.values),
            minimum=low,
            maximum=high,
            ask=definition.ask,
            help=definition.help,
            why=definition.why,
            scope=definition.scope,
            sensitive=definition.sensitive,
            absent=definition.absent,
            fresh_for_days=definition.fresh_for_days,
        )


class FactViews(BaseModel):
    """The dictionary of facts of a published revision."""

    revision: str
    facts: list[FactView]
