"""What the rules service is asked, as JSON, with examples for the documentation."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(min_length=1, max_length=100)]
Value = bool | int | float | Annotated[str, Field(max_length=2000)] | list[Name] | None


class AssessRequest(BaseModel):
    """Facts by name, and which rules to assess: by id, or all of a kind.

    A value is what a person would say: `true`, `46`, `"500万元"`, `"2026-11-20"`, `["专利"]`; money is in 元.
    """

    model_config = ConfigDict(extra="forbid")

    facts: dict[Name, Value] = Field(default_factory=dict, max_length=500)
    declined: list[Name] = Field(
        default_factory=list,
        max_length=500,
        description="Facts that the person does not know: never asked again",
    )
    not_applicable: list[Name] = Field(
        default_factory=list,
        max_length=500,
        description="Facts that do not exist here, as the day a loan was repaid",
    )
    rules: list[Name] | None = Field(default=None, min_length=1, max_length=300)
    kind: Name | None = None
    as_of: date | None = Field(default=None, description="The day asked for; today in Ningbo unless given")
    trace: bool = Field(default=True, description="Whether to explain every condition")
    questions: int = Field(default=3, ge=0, le=20, description="How many next questions to propose at most")

    @model_validator(mode="after")
    def _rules_or_kind(self) -> Self:
        if (self.rules is None) == (self.kind is None):
            raise ValueError("give either rules or kind")
        return self


class MatchRequest(BaseModel):
    """A published rule, and whether to list the companies."""

    model_config = ConfigDict(extra="forbid")

    rule: Name
    as_of: date | None = Field(default=None, description="The day asked for; today in Ningbo unless given")
    list: bool = Field(default=False, description="Name the companies; needs the scope match:list")


def assess_examples() -> dict[str, Any]:
    """Return requests for the documentation."""
    return {
        "a kind": {
            "summary": "Every subsidy, for a company that told two things",
            "value": {"kind": "subsidy", "facts": {"注册地": "宁波国家高新区", "主体类型": "企业"}},
        },
        "one table": {
            "summary": "Is this a small company?",
            "value": {
                "rules": ["size.sme"],
                "facts": {"所属行业": "工业", "从业人数": 46, "年营业收入": "2100万元"},
                "as_of": "2026-11-20",
            },
        },
        "not known": {
            "summary": "The person does not know one thing",
            "value": {
                "rules": ["subsidy.qianwan-pledge-interest"],
                "facts": {"注册地": "前湾新区"},
                "declined": ["已办质押贷款"],
                "questions": 1,
            },
        },
    }


def match_examples() -> dict[str, Any]:
    """Return requests for the documentation."""
    return {
        "counts": {"summary": "Only counts", "value": {"rule": "subsidy.qianwan-pledge-interest"}},
        "list": {
            "summary": "The companies themselves",
            "value": {"rule": "subsidy.qianwan-pledge-interest", "list": True, "as_of": "2026-11-20"},
        },
    }
