"""What the rules service says, as JSON: days in ISO form, money as whole 分 with the words people read beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from rules.assess import Assessment, NodeKind, NodeTrace, Status, WindowSpan
from rules.citation import Citation
from rules.document import DecisionTable, RuleDocument, Score
from rules.money import format_yuan
from rules.possible import Truth
from rules.scores import ScoreResult, ScoreStatus
from rules.table_form import OutputType
from rules.tables import TableResult, TableStatus

Evaluated = RuleDocument | DecisionTable | Score


class Form(StrEnum):
    """The three forms of documents that are evaluated."""

    RULE = "rule"
    TABLE = "table"
    SCORE = "score"

    @classmethod
    def of(cls, document: Evaluated) -> Form:
        """Return the form of a document."""
        if isinstance(document, RuleDocument):
            return cls.RULE
        return cls.TABLE if isinstance(document, DecisionTable) else cls.SCORE


class Money(BaseModel):
    """An amount of money."""

    fen: int = Field(description="Whole 分", examples=[6000000])
    yuan: str = Field(description="As people read it", examples=["60,000元"])

    @classmethod
    def of(cls, fen: int) -> Money:
        """Return the amount."""
        return cls(fen=fen, yuan=format_yuan(fen))


class MoneyRange(BaseModel):
    """Bounds of an amount while facts are missing; `most` is null when nothing bounds it."""

    least: Money
    most: Money | None


class CitationView(BaseModel):
    """A source and the place in it."""

    text: str = Field(examples=["《专利法实施细则》第一百一十五条"])
    title: str
    article: str
    doc_no: str
    url: str
    fetched: date | None = Field(description="The day the source was read")
    confidence: str = Field(description="H official text, M one good source, L weak", examples=["M"])

    @classmethod
    def of(cls, citation: Citation) -> CitationView:
        """Return the citation."""
        return cls(
            text=str(citation),
            title=citation.title,
            article=citation.article,
            doc_no=citation.doc_no,
            url=citation.url,
            fetched=citation.fetched,
            confidence=citation.confidence.value,
        )


def cited(citations: Iterable[Citation]) -> list[CitationView]:
    """Return the citations in their order."""
    return [CitationView.of(citation) for citation in citations]


class NodeView(BaseModel):
    """One line of the trace, in reading order; `depth` tells what it belongs to."""

    id: str
    kind: NodeKind
    depth: int
    truth: Truth
    text: str
    got: str
    wanted: str
    remedy: str = Field(description="What would make it pass; empty unless it fails")
    citations: list[CitationView]

    @classmethod
    def of(cls, node: NodeTrace) -> NodeView:
        """Return the line."""
        return cls(
            id=node.id,
            kind=node.kind,
            depth=node.depth,
            truth=node.truth,
            text=node.text,
            got=node.got,
            wanted=node.wanted,
            remedy=node.remedy,
            citations=cited(node.citations),
        )


class WindowView(BaseModel):
    """A time in which one may apply: both days included, `end` null when not announced."""

    name: str
    start: date
    end: date | None

    @classmethod
    def of(cls, window: WindowSpan | None) -> WindowView | None:
        """Return the window, or None."""
        return None if window is None else cls(name=window.name, start=window.start, end=window.end)


class RuleResult(BaseModel):
    """What a rule says. `merits` is what its conditions alone say, whatever the window."""

    form: Literal[Form.RULE] = Form.RULE
    id: str
    title: str
    status: Status
    merits: Status | None
    because: list[str] = Field(description="The conditions that decide against it, by id")
    missing: list[str] = Field(description="Facts that still matter, in reading order")
    declined: list[str] = Field(description="Those of them that the person does not know")
    amount: Money | None
    amount_range: MoneyRange | None
    capped: bool | None
    amount_text: str
    window: WindowView | None
    next_window: WindowView | None
    valid_from: date | None
    valid_to: date | None
    trace: list[NodeView]
    citations: list[CitationView]

    @classmethod
    def of(cls, result: Assessment, *, trace: bool) -> RuleResult:
        """Return the assessment, with its trace where it is wanted."""
        bounds = result.amount_range
        return cls(
            id=result.rule,
            title=result.title,
            status=result.status,
            merits=result.merits,
            because=list(result.because),
            missing=list(result.missing),
            declined=list(result.declined),
            amount=None if result.amount is None else Money.of(result.amount),
            amount_range=None
            if bounds is None
            else MoneyRange(
                least=Money.of(bounds[0]), most=None if bounds[1] is None else Money.of(bounds[1])
            ),
            capped=result.capped,
            amount_text=result.amount_text,
            window=WindowView.of(result.window),
            next_window=WindowView.of(result.next_window),
            valid_from=result.valid_from,
            valid_to=result.valid_to,
            trace=[NodeView.of(node) for node in result.trace] if trace else [],
            citations=cited(result.citations),
        )


class HitView(BaseModel):
    """A row of a table that holds."""

    row: str
    outputs: dict[str, Any] = Field(description="Money as {fen, yuan}; null where facts are missing")
    note: str
    citations: list[CitationView]


class TableAnswer(BaseModel):
    """What a decision table says. While `status` is unknown, `hits` are the rows that hold already."""

    form: Literal[Form.TABLE] = Form.TABLE
    id: str
    title: str
    status: TableStatus
    hits: list[HitView]
    outputs: dict[str, Any] | None
    unknown_rows: list[str]
    missing: list[str]
    declined: list[str]
    citations: list[CitationView]

    @classmethod
    def of(cls, table: DecisionTable, result: TableResult) -> TableAnswer:
        """Return the table's answer."""

        def shown(outputs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
            return {
                name: _plain(value, money=table.outputs[name].type is OutputType.MONEY)
                for name, value in outputs
            }

        return cls(
            id=result.table,
            title=result.title,
            status=result.status,
            hits=[
                HitView(
                    row=hit.row,
                    outputs=shown(hit.outputs.items()),
                    note=hit.note,
                    citations=cited(hit.citations),
                )
                for hit in result.hits
            ],
            outputs=None if result.outputs is None else shown(result.outputs.items()),
            unknown_rows=list(result.unknown_rows),
            missing=list(result.missing),
            declined=list(result.declined),
            citations=cited(result.citations),
        )


class ScoreAnswer(BaseModel):
    """What a weighted score says: points from 0 to 100, exact or between two bounds."""

    form: Literal[Form.SCORE] = Form.SCORE
    id: str
    title: str
    status: ScoreStatus
    purpose: str
    total: float | None
    total_range: tuple[float, float] | None
    level: str | None
    dimensions: dict[str, float | None]
    missing: list[str]
    declined: list[str]
    citations: list[CitationView]

    @classmethod
    def of(cls, result: ScoreResult) -> ScoreAnswer:
        """Return the score."""
        return cls(
            id=result.score,
            title=result.title,
            status=result.status,
            purpose=result.purpose,
            total=None if result.total is None else float(result.total),
            total_range=None
            if result.total_range is None
            else (float(result.total_range[0]), float(result.total_range[1])),
            level=None if result.level is None else result.level.id,
            dimensions={
                part.title: None if part.points is None else float(part.points) for part in result.dimensions
            },
            missing=list(result.missing),
            declined=list(result.declined),
            citations=cited(result.citations),
        )


AnyResult = Annotated[RuleResult | TableAnswer | ScoreAnswer, Field(discriminator="form")]


def _plain(value: Any, *, money: bool) -> Any:
    """Return an output as JSON: money with its words, exact numbers as whole numbers or decimal text."""
    if isinstance(value, list | tuple):
        return [_plain(item, money=money) for item in value]
    if money and isinstance(value, int):
        return Money.of(value).model_dump()
    if isinstance(value, Fraction | Decimal):
        exact = Fraction(value)
        return exact.numerator if exact.denominator == 1 else float(exact)
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset | set) else value
