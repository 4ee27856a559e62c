"""Which known companies a change moves: names and results only, never a fact of a company. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.base import Evaluated, KnowledgeBase
from rules.amounts import compute
from rules.document import DecisionTable, RuleDocument, Score
from rules.errors import RulesError
from rules.evaluate import Environment
from rules.facts import Facts
from rules.scores import ScoreResult, score
from rules.tables import TableResult, TableStatus, decide
from rules.vector import Companies, Fit, Matcher
from rules.wellformed import facts_used
from store.fact_values import from_stored
from store.records import StoredFact

ABSENT: Final = "没有这份规则"
NOT_IN_FORCE: Final = "不在有效期"
_FITS: Final = {Fit.FITS: "符合", Fit.MAY: "可能符合", Fit.NO: "不符合"}
_TABLE: Final = {
    TableStatus.DECIDED: "有结论",
    TableStatus.UNKNOWN: "资料不足",
    TableStatus.NO_MATCH: "没有对应的行",
    TableStatus.CONFLICT: "几行互相冲突",
    TableStatus.NOT_YET: NOT_IN_FORCE,
    TableStatus.EXPIRED: NOT_IN_FORCE,
}
_SCORED: Final = "能算分"
_NOT_SCORED: Final = "资料不足"
Known = Mapping[int, Sequence[StoredFact]]


@dataclass(frozen=True, slots=True)
class Moved:
    """One rule, table or score: which companies come from which result to which. `counted` is how many were looked at."""

    name: str
    title: str
    counted: int
    companies: Mapping[tuple[str, str], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Side:
    """The content on one side of the change, with every company's facts as that side reads them."""

    knowledge: KnowledgeBase
    facts: Sequence[Facts]
    today: date

    @classmethod
    def of(cls, knowledge: KnowledgeBase, ids: Sequence[int], known: Known, today: date) -> _Side:
        facts = [from_stored(known.get(company, ()), knowledge.facts, today) for company in ids]
        return cls(knowledge, facts, today)

    def document(self, name: str) -> Evaluated | None:
        try:
            return self.knowledge.document(name)
        except KeyError:
            return None

    def results(self, name: str) -> list[str]:
        """Return what the document says of each company, in a word."""
        match self.document(name):
            case None:
                return [ABSENT] * len(self.facts)
            case RuleDocument() as rule:
                return self._fits(rule)
            case DecisionTable() as table:
                return [_TABLE[self.decided(table, facts).status] for facts in self.facts]
            case Score() as form:
                return [_score_word(self.scored(form, facts)) for facts in self.facts]

    def _fits(self, rule: RuleDocument) -> list[str]:
        columns = Companies(self.facts, self.knowledge.facts, facts_used(rule))
        fits = Matcher(columns, self.today).match(rule)
        if fits is None:
            return [NOT_IN_FORCE] * len(self.facts)
        version = rule.versions[rule.number_on(self.today) or 0]
        closed = "，窗口未开" if version.windows and version.window_on(self.today) is None else ""
        return [_FITS[Fit(fit)] + (closed if fit != Fit.NO else "") for fit in fits.tolist()]

    def decided(self, table: DecisionTable, facts: Facts) -> TableResult:
        return decide(table, facts, self.today, self.knowledge.facts)

    def scored(self, form: Score, facts: Facts) -> ScoreResult | None:
        try:
            return score(form, facts, self.today, self.knowledge.facts)
        except RulesError:
            return None


def impact(
    before: KnowledgeBase,
    after: KnowledgeBase,
    names: Sequence[str],
    companies: Sequence[int],
    known: Known,
    today: date,
) -> tuple[Moved, ...]:
    """Return for each document which companies change result; documents that move nobody are among them."""
    old, new = (_Side.of(knowledge, companies, known, today) for knowledge in (before, after))
    return tuple(_moved(name, old, new, companies) for name in names)


def _moved(name: str, old: _Side, new: _Side, companies: Sequence[int]) -> Moved:
    groups: dict[tuple[str, str], list[int]] = {}
    pairs = zip(old.results(name), new.results(name), strict=True)
    details = _Details.between(old, new, name)
    for place, (was, becomes) in enumerate(pairs):
        if was != becomes:
            groups.setdefault((was, becomes), []).append(companies[place])
        elif (word := details.changed(place, becomes)) is not None:
            groups.setdefault((was, word), []).append(companies[place])
    document = new.document(name) or old.document(name)
    title = name if document is None else document.title
    ordered = {pair: tuple(groups[pair]) for pair in sorted(groups)}
    return Moved(name, title, len(companies), ordered)


@dataclass(frozen=True, slots=True)
class _Details:
    """Looks below the word: the amount, the table's rows, the points. Says that they change, not to what."""

    old: _Side
    new: _Side
    before: Evaluated | None
    after: Evaluated | None
    amounts: bool

    @classmethod
    def between(cls, old: _Side, new: _Side, name: str) -> _Details:
        before, after = old.document(name), new.document(name)
        amounts = isinstance(before, RuleDocument) and isinstance(after, RuleDocument)
        return cls(old, new, before, after, amounts and _amount_text(before, old) != _amount_text(after, new))

    def changed(self, place: int, word: str) -> str | None:
        old, new = self.old.facts[place], self.new.facts[place]
        match self.before, self.after:
            case RuleDocument() as was, RuleDocument() as becomes if self.amounts and word.startswith("符合"):
                different = _fen(was, old, self.old) != _fen(becomes, new, self.new)
                return f"{word}，金额有变" if different else None
            case DecisionTable() as was, DecisionTable() as becomes:
                found = self.old.decided(was, old), self.new.decided(becomes, new)
                return f"{word}，内容有变" if found[0].outputs != found[1].outputs else None
            case Score() as was, Score() as becomes:
                points = self.old.scored(was, old), self.new.scored(becomes, new)
                return f"{word}，分数有变" if _points(points[0]) != _points(points[1]) else None
        return None


def _amount_text(document: Evaluated | None, side: _Side) -> object:
    version = document.version_on(side.today) if isinstance(document, RuleDocument) else None
    return None if version is None else version.model_dump(include={"amount"})


def _fen(rule: RuleDocument, facts: Facts, side: _Side) -> object:
    """Return the amount in 分, exact or from low to high; None where there is none."""
    number = rule.number_on(side.today)
    amount = None if number is None else rule.versions[number].amount
    if amount is None:
        return None
    try:
        found = compute(amount, Environment(facts, side.today, side.knowledge.facts))
    except RulesError:
        return None
    return found.fen, found.low, found.high


def _points(found: ScoreResult | None) -> object:
    return None if found is None else (found.total, found.level)


def _score_word(found: ScoreResult | None) -> str:
    return _SCORED if found is not None and found.total is not None else _NOT_SCORED
