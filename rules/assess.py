"""Assess a rule: what it says of given facts on a day, why, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain

from rules.amounts import UNKNOWN_WORD, AmountResult, compute
from rules.citation import Citation
from rules.decide import decide
from rules.document import RuleDocument, RuleVersion, Window
from rules.evaluate import Environment, evaluate
from rules.facts import FactDictionary, Facts, FactState
from rules.form import Document
from rules.possible import Truth, to_truth
from rules.prose import expression_prose, fill, format_plain, joint_prose
from rules.tree import AllOf, AnyOf, AtLeast, Condition, NotOf, TreeNode


class Status(StrEnum):
    """What a rule says of given facts on a day."""

    ELIGIBLE = "eligible"  # every condition holds (the amount may still be open)
    INELIGIBLE = "ineligible"  # a required condition fails, whatever else is found
    UNKNOWN = "unknown"  # facts that matter are missing
    CLOSED = "closed"  # in force, but no application window is open on the day
    NOT_YET = "not_yet"  # not in force yet
    EXPIRED = "expired"  # no longer in force


class NodeKind(StrEnum):
    """What a line of a trace stands for."""

    CONDITION = "condition"
    ALL = "all"
    ANY = "any"
    NOT = "not"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class NodeTrace:
    """One node of the tree as assessed. `text`, `got` and `wanted` are Chinese, for people."""

    id: str
    kind: NodeKind
    depth: int
    truth: Truth
    text: str
    got: str
    wanted: str
    citations: tuple[Citation, ...]
    remedy: str  # what would make it pass; empty unless it fails


@dataclass(frozen=True, slots=True)
class WindowSpan:
    """An application window: from and to are included, `end` None when not announced."""

    name: str
    start: date
    end: date | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer of one rule. Amounts are in 分.

    `merits` is what the conditions alone say: for a closed window it tells whether waiting is worth while.
    `missing` are the facts that still matter, in reading order; `declined` are those of them nobody will answer.
    """

    rule: str
    title: str
    version: int | None
    as_of: date
    status: Status
    merits: Status | None = None
    because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    trace: tuple[NodeTrace, ...] = ()
    amount: int | None = None
    amount_range: tuple[int, int | None] | None = None
    capped: bool | None = None
    amount_text: str = ""
    amount_citations: tuple[Citation, ...] = ()
    window: WindowSpan | None = None
    next_window: WindowSpan | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    citations: tuple[Citation, ...] = ()

    @property
    def askable(self) -> tuple[str, ...]:
        """Return the missing facts that may still be asked for."""
        return tuple(name for name in self.missing if name not in self.declined)

    @property
    def failures(self) -> tuple[NodeTrace, ...]:
        """Return the trace of the nodes named in `because`."""
        return tuple(node for node in self.trace if node.id in self.because)


def assess(rule: RuleDocument, facts: Facts, as_of: date, dictionary: FactDictionary) -> Assessment:
    """Return what the rule says of the facts on the day. Raises RulesError when values do not fit the rule."""
    number = rule.number_on(as_of)
    if number is None:
        return _out_of_force(rule, as_of)
    version = rule.versions[number]
    environment = Environment(facts, as_of, dictionary)
    decision = decide(version.require.formal, environment)
    merits = _STATUS[decision.truth]
    window, next_window = version.window_on(as_of), _next_window(rule, as_of)
    status = Status.CLOSED if version.windows and window is None else merits
    trace = tuple(_Tracer(rule, environment, version.require, decision.truth).trace(version.require))
    amount = _amount(version, environment) if status in (Status.ELIGIBLE, Status.UNKNOWN) else None
    missing = _missing(status, decision.facts, amount)
    return Assessment(
        rule=rule.id,
        title=rule.title,
        version=number,
        as_of=as_of,
        status=status,
        merits=merits,
        because=tuple(_because(version.require, trace)) if merits is Status.INELIGIBLE else (),
        missing=missing,
        declined=tuple(name for name in missing if facts.state(name) is FactState.DECLINED),
        trace=trace,
        amount=amount.fen if amount else None,
        amount_range=(amount.low, amount.high)
        if amount and amount.fen is None and amount.low is not None
        else None,
        capped=amount.capped if amount else None,
        amount_text=amount.explanation if amount else "",
        amount_citations=rule.cite(amount.references) if amount else (),
        window=_window_span(rule, window),
        next_window=_window_span(rule, next_window),
        valid_from=version.valid.start,
        valid_to=version.valid.end,
        citations=_all_citations(rule, version, window, trace, amount),
    )


_STATUS = {Truth.TRUE: Status.ELIGIBLE, Truth.FALSE: Status.INELIGIBLE, Truth.UNKNOWN: Status.UNKNOWN}


def _missing(status: Status, needed: tuple[str, ...], amount: AmountResult | None) -> tuple[str, ...]:
    if status not in (Status.ELIGIBLE, Status.UNKNOWN):
        return ()
    return tuple(dict.fromkeys(chain(needed, amount.missing if amount else ())))


def _amount(version: RuleVersion, environment: Environment) -> AmountResult | None:
    return compute(version.amount, environment) if version.amount else None


def _out_of_force(rule: RuleDocument, as_of: date) -> Assessment:
    later = [version for version in rule.versions if version.valid.starts_after(as_of)]
    first = min(later, key=lambda version: version.valid.start or date.max, default=None)
    last = max(rule.versions, key=lambda version: version.valid.end or date.max)
    shown = first or last
    return Assessment(
        rule=rule.id,
        title=rule.title,
        version=None,
        as_of=as_of,
        status=Status.NOT_YET if first else Status.EXPIRED,
        next_window=_window_span(rule, _next_window(rule, as_of)),
        valid_from=shown.valid.start,
        valid_to=shown.valid.end,
        citations=rule.cite(shown.valid.cite) or _sources(rule),
    )


def _next_window(rule: RuleDocument, as_of: date) -> Window | None:
    windows = [version.window_after(as_of) for version in rule.versions]
    return min(filter(None, windows), key=lambda window: window.start or date.max, default=None)


def _window_span(rule: Document, window: Window | None) -> WindowSpan | None:
    if window is None or window.start is None:
        return None
    return WindowSpan(window.name, window.start, window.end, rule.cite(window.cite))


def _sources(rule: Document) -> tuple[Citation, ...]:
    return tuple(source.citation() for source in rule.sources.values())


def _all_citations(
    rule: Document,
    version: RuleVersion,
    window: Window | None,
    trace: tuple[NodeTrace, ...],
    amount: AmountResult | None,
) -> tuple[Citation, ...]:
    found = [
        *rule.cite(version.valid.cite),
        *(rule.cite(window.cite) if window else ()),
        *(citation for node in trace for citation in node.citations),
        *(rule.cite(amount.references) if amount else ()),
    ]
    return tuple(dict.fromkeys(found))


def _because(root: TreeNode, trace: tuple[NodeTrace, ...]) -> Iterator[str]:
    """Yield the conditions that make the tree fail: failing parts of `all`, every part of a failing `any`."""
    truths = {node.id: node.truth for node in trace if node.kind is NodeKind.CONDITION}
    lines = iter(trace)
    named = list(_responsible(root, lines, wanted=False))
    # Failing only by intervals: no single condition fails, the undecided ones contradict each other.
    yield from named or [name for name, truth in truths.items() if truth is Truth.UNKNOWN]


def _responsible(node: TreeNode, lines: Iterator[NodeTrace], *, wanted: bool) -> list[str]:
    """Consume the node's lines of the trace and return the conditions with the truth that `wanted` names."""
    line = next(lines)
    if isinstance(node, Condition):
        return [node.id] if line.truth is Truth.of(wanted) else []
    inner = not wanted if isinstance(node, NotOf) else wanted
    found = [name for part in node.parts for name in _responsible(part, lines, wanted=inner)]
    return found if line.truth is Truth.of(wanted) else []


class _Tracer:
    """Renders each node of a tree as assessed."""

    def __init__(self, rule: Document, environment: Environment, root: TreeNode, truth: Truth) -> None:
        self.rule = rule
        self.environment = environment
        self.root = root
        self.truth = truth

    def trace(self, node: TreeNode, depth: int = 0) -> Iterator[NodeTrace]:
        """Yield the node's line and those of its parts, in reading order."""
        if isinstance(node, Condition):
            yield self._condition(node, depth)
            return
        truth = self.truth if node is self.root else decide(node.formal, self.environment).truth
        yield NodeTrace(
            id=node.id,
            kind=_KIND[type(node)],
            depth=depth,
            truth=truth,
            text=self._text(truth, node.pass_text, node.fail_text) or joint_prose(node),
            got="",
            wanted=joint_prose(node),
            citations=self.rule.cite(node.cite),
            remedy=node.remedy if truth is Truth.FALSE else "",
        )
        for part in node.parts:
            yield from self.trace(part, depth + 1)

    def _condition(self, node: Condition, depth: int) -> NodeTrace:
        truth = to_truth(
            evaluate(node.test.root, self.environment)
        )  # there are no cases within one comparison
        wanted = expression_prose(node.test, self.environment.dictionary)
        return NodeTrace(
            id=node.id,
            kind=NodeKind.CONDITION,
            depth=depth,
            truth=truth,
            text=self._text(truth, node.pass_text, node.fail_text) or f"还要确认：{wanted}",
            got="；".join(f"{name}：{self._value(name)}" for name in node.test.facts),
            wanted=wanted,
            citations=self.rule.cite(node.cite),
            remedy=node.remedy if truth is Truth.FALSE else "",
        )

    def _text(self, truth: Truth, when_true: str, when_false: str) -> str:
        if truth is Truth.UNKNOWN:
            return ""
        return fill(when_true if truth is Truth.TRUE else when_false, self._plain)

    def _plain(self, name: str) -> str:
        """The value without unit: the text around it names the unit."""
        fact = self.environment.facts.known(name)
        return format_plain(fact.value) if fact.state is FactState.VALUE else self._state_word(name)

    def _value(self, name: str) -> str:
        fact = self.environment.facts.known(name)
        definition = self.environment.dictionary.get(name)
        if fact.state is not FactState.VALUE:
            return self._state_word(name)
        return definition.format(fact.value) if definition else format_plain(fact.value)

    def _state_word(self, name: str) -> str:
        definition = self.environment.dictionary.get(name)
        match self.environment.facts.state(name):
            case FactState.NOT_APPLICABLE:
                return (definition.absent if definition else "") or "不适用"
            case FactState.DECLINED:
                return "不清楚"
            case _:
                return UNKNOWN_WORD


_KIND: dict[type, NodeKind] = {
    AllOf: NodeKind.ALL,
    AnyOf: NodeKind.ANY,
    NotOf: NodeKind.NOT,
    AtLeast: NodeKind.AT_LEAST,
}
