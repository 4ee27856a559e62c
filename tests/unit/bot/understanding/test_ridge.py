"""The packed solution is the textbook one: the same weights, and the residuals of training without the left-out rows."""

from __future__ import annotations

import numpy as np
import pytest

from bot.understanding.features import Rows
from bot.understanding.gram import PANEL, Gram
from bot.understanding.ridge import NotSolvableError, solve

RUN = 4


def rows_and_matrix(number: int, columns: int, seed: int) -> tuple[Rows, np.ndarray]:
    """Sparse rows with a few columns that most of them share and many that few do, and the same as a dense matrix."""
    random = np.random.default_rng(seed)
    dense = np.zeros((number, columns), np.float32)
    for row in dense:
        row[random.choice(10, 5, replace=False)] = random.random(5)
        row[random.choice(columns, 12, replace=False)] = random.random(12)
    places = [np.flatnonzero(row).astype(np.int32) for row in dense]
    starts = np.concatenate([[0], np.cumsum([len(place) for place in places])])
    values = np.concatenate([row[place] for row, place in zip(dense, places, strict=True)])
    return Rows(starts, np.concatenate(places), values), dense


@pytest.mark.parametrize("number", [5, PANEL, PANEL + 1, 3 * PANEL + 6])
def test_it_solves_as_the_whole_matrix_does(number: int) -> None:
    rows, dense = rows_and_matrix(number, 400, number)
    random = np.random.default_rng(1)
    targets = random.choice([-1.0, 1.0], (number, 6)).astype(np.float32)
    ridge = random.uniform(0.6, 2.5, number)
    gram = Gram(rows, 400)
    solution = solve(gram, targets, ridge, RUN)

    whole = (dense @ dense.T).astype(np.float64) + 1.0
    dual = np.linalg.solve(whole + np.diag(ridge), targets)
    assert np.abs(solution.dual - dual).max() < 1e-3
    assert np.abs(gram.weights(solution.dual) - dense.T @ dual).max() < 3e-3
    for start in range(0, number, RUN):
        left_out = np.arange(start, min(start + RUN, number))
        kept = np.setdiff1d(np.arange(number), left_out)
        trained = np.linalg.solve((whole + np.diag(ridge))[np.ix_(kept, kept)], targets[kept])
        unseen = whole[np.ix_(left_out, kept)] @ trained
        assert np.abs(targets[left_out] - solution.residuals[left_out] - unseen).max() < 5e-3


def test_rows_that_contradict_the_penalty_are_refused() -> None:
    rows, _ = rows_and_matrix(10, 400, 2)
    with pytest.raises(NotSolvableError):
        solve(Gram(rows, 400), np.ones((10, 1), np.float32), np.full(10, -5.0), RUN)
