"""Ridge regression in its dual form with the scores of left-out examples in closed form, in a quarter of the usual memory.

K = X Xᵀ + 1 + diag(ridge) has the inverse Wᵀ W, W being the inverse of its Cholesky factor. W is built panel by panel,
each from the ones before, so that neither K nor its inverse is ever held; below its diagonal blocks half precision is
enough (its own errors are below a thousandth of a score, and the dual weights are refined once against K itself).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.understanding.gram import PANEL, Gram, Matrix, panels


class NotSolvableError(Exception):
    """The rows could not be told apart in single precision."""


@dataclass(frozen=True, slots=True)
class Solution:
    """What ridge regression found: the dual weights (a row an example, a column a target) and the left-out residuals."""

    dual: Matrix
    residuals: Matrix


def solve(gram: Gram, targets: Matrix, ridge: NDArray[np.floating[Any]], run: int) -> Solution:
    """Return the weights that fit `targets`, one column each, and each row's residuals with its run of neighbours left out.

    `ridge` is the penalty of each row; `run` must divide PANEL. Raises NotSolvableError.
    """
    penalty = ridge.astype(np.float32)
    factor = _InverseFactor(gram, penalty)
    dual = factor.solved(targets)
    dual += factor.solved(targets - gram.times(dual) - penalty[:, None] * dual)
    blocks = factor.inverse_blocks()
    residuals = np.empty_like(dual)
    for start in range(0, len(dual), run):
        block, at = divmod(start, PANEL)
        local = slice(at, at + len(dual[start : start + run]))
        own = blocks[block][local, local].astype(np.float64)
        residuals[start : start + run] = np.linalg.solve(own, dual[start : start + run])
    return Solution(dual, residuals)


class _InverseFactor:
    """W, as the diagonal blocks of its panels and what stands before them."""

    def __init__(self, gram: Gram, penalty: Matrix) -> None:
        self._places = list(panels(len(penalty)))
        self._own: list[Matrix] = []
        self._before: list[NDArray[np.float16]] = []
        # One allocation, given back whole: many small ones would stay with the process.
        store = np.empty(sum((p.stop - p.start) * p.start for p in self._places), np.float16)
        end = 0
        for place in self._places:
            before, own = self._next(gram.panel(place), place, penalty[place])
            self._before.append(store[end : end + before.size].reshape(before.shape))
            self._before[-1][...] = before
            self._own.append(own)
            end += before.size

    def _next(self, rows: Matrix, place: slice, penalty: Matrix) -> tuple[Matrix, Matrix]:
        rest = rows[:, place] + np.diag(penalty)
        product = np.zeros((len(rows), place.start), np.float32)
        for earlier, (before, own) in zip(self._places, self._panels(), strict=False):
            start, stop = earlier.start, earlier.stop
            factor = rows[:, :start] @ before.T + rows[:, earlier] @ own.T
            rest -= factor @ factor.T
            product[:, :start] += factor @ before
            product[:, start:stop] += factor @ own
        try:
            inverse: Matrix = np.linalg.inv(np.linalg.cholesky(rest))
        except np.linalg.LinAlgError as error:
            raise NotSolvableError("the Gram matrix is not positive definite") from error
        return -inverse @ product, inverse

    def _panels(self) -> Iterator[tuple[Matrix, Matrix]]:
        for before, own in zip(self._before, self._own, strict=True):
            yield before.astype(np.float32), own

    def solved(self, targets: Matrix) -> Matrix:
        """Return K⁻¹ times `targets`, nearly."""
        result = np.zeros_like(targets)
        for place, (before, own) in zip(self._places, self._panels(), strict=True):
            whitened = before @ targets[: place.start] + own @ targets[place]
            result[: place.start] += before.T @ whitened
            result[place] += own.T @ whitened
        return result

    def inverse_blocks(self) -> list[Matrix]:
        """Return the diagonal blocks of K⁻¹, one a panel."""
        blocks = [own.T @ own for own in self._own]
        for place, (before, _) in zip(self._places, self._panels(), strict=True):
            for block, columns in zip(blocks, panels(place.start), strict=False):
                block += before[:, columns].T @ before[:, columns]
        return blocks
