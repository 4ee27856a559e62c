"""Match a rule against many companies at once, with numpy: fits, may fit, does not fit.

Facts become columns once; then each distinct comparison is one pass over a column, and a tree is a few logical
operations on two masks: where it *holds* and where it *may* hold. Where comparisons of one unknown fact may force
each other (`rules.exactness`), the tree is computed for each case of that fact and the answers are joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from rules.columns import Companies, Mask
from rules.comparing import Comparisons, Masks
from rules.decide import MAX_CASES, leaves
from rules.document import RuleDocument
from rules.exactness import Cases
from rules.expressions import Expression
from rules.possible import Possible
from rules.tree import Formal, Negated

__all__ = ["Companies", "Fit", "Matcher"]

Plain = dict[
    int, tuple[Masks, frozenset[str]]
]  # by the identity of a part: its masks, and the facts it tests


class Fit(IntEnum):
    """How a company stands to a rule's conditions."""

    NO = 0  # a required condition fails
    MAY = 1  # facts are missing
    FITS = 2  # every condition holds


class Matcher:
    """Matches rules against one set of companies on a day; comparisons shared by rules are computed once."""

    def __init__(self, companies: Companies, as_of: date) -> None:
        self.companies = companies
        self.as_of = as_of
        self._comparisons = Comparisons(companies, as_of)

    def match(self, rule: RuleDocument) -> NDArray[np.int8] | None:
        """Return a `Fit` for each company, or None when the rule is not in force on the day."""
        number = rule.number_on(self.as_of)
        return None if number is None else self.match_tree(rule.versions[number].require.formal)

    def match_tree(self, tree: Formal) -> NDArray[np.int8]:
        """Return a `Fit` for each company."""
        plain: Plain = {}
        masks = self._tree(tree, {}, plain)
        cases = self.companies.cases(tree, self.as_of)
        if cases and prod(map(len, cases.values())) <= MAX_CASES:
            masks = self._in_cases(tree, cases, masks, plain)
        return masks.holds.view(np.int8) + masks.may.view(np.int8)

    def _in_cases(self, tree: Formal, cases: Cases, before: Masks, plain: Plain) -> Masks:
        """Compute the tree for every way the unknown facts can fall: it holds where it holds in all of them."""
        still_open = before.may & ~before.holds
        still_open &= np.logical_or.reduce([self.companies.columns[name].unknown for name in cases])
        if not still_open.any():
            return before
        always, ever = still_open.copy(), ~still_open
        for pieces in product(*cases.values()):
            masks = self._tree(tree, dict(zip(cases, pieces, strict=True)), plain)
            always &= masks.holds
            ever |= masks.may
        return Masks(before.holds | always, before.may & ever)

    def _tree(self, tree: Formal, supposed: Mapping[str, Possible], plain: Plain) -> Masks:
        """Compute a part; `plain` keeps what was computed with nothing supposed, for parts that it does not touch."""
        if not supposed:
            masks = self._computed(tree, supposed, plain)
            plain[id(tree)] = masks, frozenset(name for test in leaves(tree) for name in test.facts)
            return masks
        masks, facts = plain[id(tree)]
        return masks if facts.isdisjoint(supposed) else self._computed(tree, supposed, plain)

    def _computed(self, tree: Formal, supposed: Mapping[str, Possible], plain: Plain) -> Masks:
        if isinstance(tree, Expression):
            return self._comparisons.test(tree, supposed)
        if isinstance(tree, Negated):
            part = self._tree(tree.part, supposed, plain)
            return Masks(~part.may, ~part.holds)
        parts = [self._tree(part, supposed, plain) for part in tree.parts]
        return Masks(
            self._at_least(tree.count, [part.holds for part in parts]),
            self._at_least(tree.count, [part.may for part in parts]),
        )

    def _at_least(self, count: int, masks: list[Mask]) -> Mask:
        size = len(self.companies)
        if count <= 0:
            return np.ones(size, dtype=np.bool_)
        if count > len(masks):
            return np.zeros(size, dtype=np.bool_)
        if count not in (1, len(masks)):
            total: NDArray[np.int16] = np.sum(masks, axis=0, dtype=np.int16)
            return np.greater_equal(total, count)
        join = np.logical_and if count == len(masks) else np.logical_or
        result = masks[0].copy()
        for mask in masks[1:]:
            join(result, mask, out=result)
        return result
