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
from rules.tree import Formal, Needs, Negated

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
        masks = self._tree(tree, plain)
        cases = self.companies.cases(tree, self.as_of)
        if cases and prod(map(len, cases.values())) <= MAX_CASES:
            masks = self._in_cases(tree, cases, masks, plain)
        return masks.holds.view(np.int8) + masks.may.view(np.int8)

    def _in_cases(self, tree: Formal, cases: Cases, before: Masks, plain: Plain) -> Masks:
        """Compute the tree for every way the unknown facts can fall: it holds where it holds in all of them."""
        still_open = before.may & ~before.holds
        still_open &= np.logical_or.reduce([self.companies.columns[name].unknown for name in cases])
        rows = np.flatnonzero(still_open)
        if not len(rows):
            return before
        narrowed = _Narrowed(self._comparisons, plain, rows)
        always, ever = np.ones(len(rows), dtype=np.bool_), np.zeros(len(rows), dtype=np.bool_)
        first, *others = product(*cases.values())
        # The two ends first: most companies that fit at one end and not at the other are settled by them.
        for number, pieces in enumerate([first, *others[-1:], *others[:-1]]):
            if number == 2:
                left = always | ~ever
                rows, always, ever = rows[left], always[left], ever[left]
                narrowed = _Narrowed(self._comparisons, plain, rows)
            masks = narrowed.masks(tree, dict(zip(cases, pieces, strict=True)))
            always &= masks.holds
            ever |= masks.may
        result = Masks(before.holds.copy(), before.may.copy())
        result.holds[rows], result.may[rows] = always, ever
        return result

    def _tree(self, tree: Formal, plain: Plain) -> Masks:
        """Compute a part, and keep in `plain` what was computed."""
        if isinstance(tree, Expression):
            masks = self._comparisons.test(tree)
        elif isinstance(tree, Negated):
            masks = self._tree(tree.part, plain).negated()
        else:
            masks = _needs(tree, [self._tree(part, plain) for part in tree.parts], len(self.companies))
        plain[id(tree)] = masks, frozenset(name for test in leaves(tree) for name in test.facts)
        return masks


class _Narrowed:
    """Some of the companies, with unknown facts narrowed: each part is computed once for each way its own facts fall.

    `plain` has what nothing supposed changes.
    """

    def __init__(self, comparisons: Comparisons, plain: Plain, rows: NDArray[np.intp]) -> None:
        self._comparisons = comparisons
        self._plain = plain
        self._rows = rows
        self._seen: dict[tuple[int, ...], Masks] = {}  # by the identities of the part and of what is supposed

    def masks(self, tree: Formal, supposed: Mapping[str, Possible]) -> Masks:
        """Return where the part holds and may hold."""
        facts = self._plain[id(tree)][1]
        own = {name: piece for name, piece in supposed.items() if name in facts}
        key = (id(tree), *map(id, own.values()))
        masks = self._seen.get(key)
        if masks is None:
            masks = self._computed(tree, own)
            if len(own) < len(supposed) or isinstance(tree, Expression):  # else it does not come again
                self._seen[key] = masks
        return masks

    def _computed(self, tree: Formal, supposed: Mapping[str, Possible]) -> Masks:
        if not supposed:
            return self._plain[id(tree)][0].at(self._rows)
        if isinstance(tree, Expression):
            return self._comparisons.supposing(tree, self.masks(tree, {}), supposed, self._rows)
        if isinstance(tree, Negated):
            return self.masks(tree.part, supposed).negated()
        return _needs(tree, [self.masks(part, supposed) for part in tree.parts], len(self._rows))


def _needs(tree: Needs, parts: list[Masks], size: int) -> Masks:
    return Masks(
        _at_least(tree.count, [part.holds for part in parts], size),
        _at_least(tree.count, [part.may for part in parts], size),
    )


def _at_least(count: int, masks: list[Mask], size: int) -> Mask:
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
