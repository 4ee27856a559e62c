"""The questions worth asking next, as JSON."""

from __future__ import annotations

from pydantic import BaseModel, Field

from app.api_views import CitationView, cited
from rules.questions import Question, Reason


class ReasonView(BaseModel):
    """Why a fact is asked for."""

    rule: str
    title: str
    node: str
    wanted: str
    citations: list[CitationView]

    @classmethod
    def of(cls, reason: Reason) -> ReasonView:
        """Return the reason."""
        return cls(
            rule=reason.goal,
            title=reason.title,
            node=reason.node,
            wanted=reason.wanted,
            citations=cited(reason.citations),
        )


class QuestionView(BaseModel):
    """A question worth asking, best first."""

    fact: str
    type: str
    unit: str
    text: str = Field(description="The question in Chinese")
    help: str
    options: list[str] = Field(description="The answers to choose from; empty when the answer is free")
    gain: float = Field(description="Chance to decide a goal × its worth ÷ what the answer costs a person")
    reasons: list[ReasonView]

    @classmethod
    def of(cls, question: Question) -> QuestionView:
        """Return the question."""
        definition = question.definition
        return cls(
            fact=question.fact,
            type=definition.type.value,
            unit=definition.unit,
            text=question.text,
            help=question.help,
            options=list(question.options),
            gain=round(question.gain, 6),
            reasons=[ReasonView.of(reason) for reason in question.reasons],
        )
