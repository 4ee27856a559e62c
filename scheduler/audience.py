"""Whom a rule fits: every company assessed on what is known of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from rules.assess import Assessment, Status, WindowSpan, assess
from rules.document import RuleDocument
from rules.facts import FactDictionary
from store.broadcast_records import Fit, Member
from store.fact_values import from_stored
from store.records import StoredFact


def audience(
    rule: RuleDocument | None,
    dictionary: FactDictionary,
    company_ids: Iterable[int],
    facts: Mapping[int, Sequence[StoredFact]],
    today: date,
) -> list[Member]:
    """Return every company with how it stands to the rule, by id. Without a rule a text goes to all."""
    if rule is None:
        return [Member(company_id=company_id, fit=Fit.FITS) for company_id in company_ids]
    return [
        _member(company_id, assess(rule, from_stored(facts.get(company_id, ()), dictionary, today), today, dictionary),
                rule)
        for company_id in company_ids
    ]  # fmt: skip


def _member(company_id: int, found: Assessment, rule: RuleDocument) -> Member:
    fit = fit_of(found)
    return Member(
        company_id=company_id, fit=fit, detail={} if fit is Fit.DOES_NOT_FIT else _detail(found, rule)
    )


def fit_of(found: Assessment) -> Fit:
    """Return how the company stands to the rule; a rule that is not in force fits nobody.

    Between two application windows the conditions alone decide, where a next window is announced.
    """
    merits = found.status
    if merits is Status.CLOSED:
        merits = (
            found.merits if found.next_window is not None and found.merits is not None else Status.EXPIRED
        )
    if merits is Status.ELIGIBLE:
        return Fit.FITS
    return Fit.MAY_FIT if merits is Status.UNKNOWN else Fit.DOES_NOT_FIT


def _detail(found: Assessment, rule: RuleDocument) -> dict[str, Any]:
    """Return what the company's message says, so that sending needs no knowledge and no facts any more."""
    low, high = found.amount_range or (None, None)
    return {
        "title": found.title,
        "kind": rule.kind,
        "amount": found.amount,
        "low": low,
        "high": high,
        "missing": list(found.missing),
        "window": _window(found.window or found.next_window),
        "citations": [str(citation) for citation in found.citations],
    }


def _window(span: WindowSpan | None) -> list[str | None] | None:
    if span is None:
        return None
    return [span.name, span.start.isoformat(), None if span.end is None else span.end.isoformat()]


def frozen(members: Iterable[Member], *, include_may_fit: bool) -> list[Member]:
    """Return those who are written to: who fits and, where the editor wants it, who may."""
    wanted = (Fit.FITS, Fit.MAY_FIT) if include_may_fit else (Fit.FITS,)
    return [member for member in members if member.fit in wanted]
