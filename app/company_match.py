"""Match the known companies against a rule: how many fit, may fit and do not, and which they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

import numpy as np
from pydantic import BaseModel, Field

from knowledge.base import KnowledgeBase
from rules.document import RuleDocument
from rules.vector import Companies, Fit, Matcher
from rules.wellformed import facts_used
from store.fact_values import from_stored
from store.records import Company, StoredFact


class Answer(BaseModel):
    """What every answer says: which knowledge it rests on, and of which day it is."""

    revision: str = Field(description="Hash of the published knowledge base")
    as_of: date


class Force(StrEnum):
    """How a rule stands to the day."""

    OPEN = "open"  # in force; where it has windows, one is open
    CLOSED = "closed"  # in force, but no application window is open on the day
    NOT_IN_FORCE = "not_in_force"  # not yet, or no longer; nothing is matched


class Counts(BaseModel):
    """The known companies by how they stand to the conditions."""

    fits: int = Field(description="Every condition holds")
    may_fit: int = Field(description="Facts are missing")
    does_not_fit: int = Field(description="A required condition fails")


class CompanyView(BaseModel):
    """A company that the service knows."""

    id: int
    name: str
    demo: bool = Field(description="Made up for a demonstration")


class Lists(BaseModel):
    """The same companies by name."""

    fits: list[CompanyView]
    may_fit: list[CompanyView]
    does_not_fit: list[CompanyView]


class MatchedCompanies(Answer):
    """How the known companies stand to a rule; `counts` is null when the rule is not in force."""

    rule: str
    title: str
    force: Force
    counts: Counts | None
    companies: Lists | None = Field(description="Null unless asked for with the scope match:list")


def match_companies(
    base: KnowledgeBase,
    rule: RuleDocument,
    day: date,
    companies: Sequence[Company],
    known: Mapping[int, Sequence[StoredFact]],
    *,
    listed: bool,
) -> MatchedCompanies:
    """Return the match. Facts that are stale on the day count as missing."""
    number = rule.number_on(day)
    if number is None:
        return MatchedCompanies(
            revision=base.hash, as_of=day, rule=rule.id, title=rule.title,
            force=Force.NOT_IN_FORCE, counts=None, companies=None,
        )  # fmt: skip
    version = rule.versions[number]
    facts = [from_stored(known.get(company.id, ()), base.facts, day) for company in companies]
    columns = Companies(facts, base.facts, facts_used(rule))
    fits = Matcher(columns, day).match(rule)
    assert fits is not None  # it is in force
    counts = Counts(
        fits=int(np.count_nonzero(fits == Fit.FITS)),
        may_fit=int(np.count_nonzero(fits == Fit.MAY)),
        does_not_fit=int(np.count_nonzero(fits == Fit.NO)),
    )
    closed = bool(version.windows) and version.window_on(day) is None
    return MatchedCompanies(
        revision=base.hash,
        as_of=day,
        rule=rule.id,
        title=rule.title,
        force=Force.CLOSED if closed else Force.OPEN,
        counts=counts,
        companies=_lists(companies, fits.tolist()) if listed else None,
    )


def _lists(companies: Sequence[Company], fits: Sequence[int]) -> Lists:
    groups: dict[int, list[CompanyView]] = {fit: [] for fit in Fit}
    for company, fit in zip(companies, fits, strict=True):
        groups[fit].append(CompanyView(id=company.id, name=company.name, demo=company.demo))
    return Lists(fits=groups[Fit.FITS], may_fit=groups[Fit.MAY], does_not_fit=groups[Fit.NO])
