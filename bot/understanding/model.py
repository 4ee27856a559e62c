"""The intent model: ridge regression over the three blocks, one column an intent, solved at once.

Regularised least squares has its leave-one-out scores in closed form, so that thresholds and calibration are set on
texts that the model did not see, without training it again for every fold. Neighbouring examples of a file often vary
one another; a whole run of `RUN` of them is therefore left out together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.understanding.errors import TooFewExamplesError
from bot.understanding.features import Features
from bot.understanding.gram import Gram
from bot.understanding.intents import IN_SCOPE, Intent
from bot.understanding.memory import give_back
from bot.understanding.ridge import NotSolvableError, solve

INTENTS: tuple[Intent, ...] = tuple(Intent)
OUTSIDE = INTENTS.index(Intent.OUT_OF_SCOPE)

REGULARISATION = 1.0
BALANCE = 0.5
"""How far a rare intent's examples weigh more: 0 not at all, 1 so that every intent weighs the same."""

SERVICE = frozenset(
    {Intent.MY_DEADLINES, Intent.ADD_ASSET, Intent.HUMAN_AGENT, Intent.SETTINGS, Intent.SMALLTALK}
)
"""Wishes about the assistant itself: their words are everybody's words, so that their border is another one."""
_SERVICE = np.array([intent in SERVICE for intent in IN_SCOPE])

RUN = 4
TEMPERATURES: tuple[float, ...] = tuple(0.05 * 1.06**step for step in range(60))
"""From 0.05 to 1.6, where the least log loss is looked for."""

Scores = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Example:
    """One training text, already masked and normalised, with its intent."""

    text: str
    intent: Intent


@dataclass(frozen=True, slots=True)
class Ranked:
    """What the model says of one text: intents in scope by probability, and how far in scope it is (0 is the border)."""

    intents: tuple[tuple[Intent, float], ...]
    gate: float
    known: float
    """The share of the text's n-grams that training has seen."""


class IntentModel:
    """Scores a text against every intent. Made by `train`; cheap to ask, safe to share."""

    def __init__(
        self,
        features: Features,
        weights: NDArray[np.float32],
        bias: Scores,
        temperature: float,
        borders: Mapping[bool, float],
    ) -> None:
        self._features = features
        self._weights = weights
        self._bias = bias
        self._temperature = temperature
        self._borders = dict(borders)

    @classmethod
    def train(cls, examples: Sequence[Example]) -> IntentModel:
        """Return the model of `examples`. Raises TooFewExamplesError when an intent has fewer than two."""
        labels = np.asarray([INTENTS.index(example.intent) for example in examples])
        numbers = np.bincount(labels, minlength=len(INTENTS))
        missing = [intent.value for intent, number in zip(INTENTS, numbers, strict=True) if number < 2]
        if missing:
            raise TooFewExamplesError(f"fewer than two examples for {missing}")
        features = Features()
        rows = features.fit([example.text for example in examples])
        give_back()
        targets = np.full((len(examples), len(INTENTS)), -1.0, dtype=np.float32)
        targets[np.arange(len(examples)), labels] = 1.0
        weight = (1.0 / numbers[labels]) ** BALANCE
        gram = Gram(rows, features.size)
        try:
            solution = solve(gram, targets, REGULARISATION * weight.mean() / weight, RUN)
        except NotSolvableError as error:
            raise TooFewExamplesError("the training texts could not be told apart") from error
        unseen = targets - solution.residuals
        inside = labels != OUTSIDE
        return cls(
            features=features,
            weights=gram.weights(solution.dual),
            bias=solution.dual.sum(axis=0),
            temperature=_temperature(unseen[inside], labels[inside]),
            borders=_borders(unseen, inside),
        )

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> IntentModel:
        """Return the model that `arrays` was taken from. Raises KeyError or ValueError when it was none."""
        columns, targets = arrays["weights"].shape
        if targets != len(INTENTS) or columns != len(arrays["idf"]) or columns != len(arrays["keys"]):
            raise ValueError("the arrays are of different models")
        return cls(
            features=Features.of(arrays["keys"], arrays["idf"]),
            weights=arrays["weights"],
            bias=arrays["bias"],
            temperature=float(arrays["temperature"]),
            borders={service: float(arrays["borders"][int(service)]) for service in (False, True)},
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that the model knows, as numbers."""
        return {
            "keys": self._features.keys,
            "idf": self._features.idf,
            "weights": self._weights,
            "bias": np.asarray(self._bias),
            "temperature": np.array(self._temperature),
            "borders": np.array([self._borders[False], self._borders[True]]),
        }

    def scores(self, text: str) -> tuple[Scores, float]:
        """Return one raw score an intent, in the order of `INTENTS`, and the share of known n-grams."""
        columns, values, known = self._features.row(text)
        if len(columns) == 0:
            return self._bias.copy(), 0.0
        return values @ self._weights[columns] + self._bias, known

    def rank(self, text: str) -> Ranked:
        """Return every intent in scope with its probability among them, the likeliest first, and the gate."""
        scores, known = self.scores(text)
        best = _inside(scores[None, :]).argmax()
        gate = float(gate_of(scores[None, :])[0]) - self._borders[bool(_SERVICE[best])]
        inside = _inside(scores[None, :])[0] / self._temperature
        likely = np.exp(inside - inside.max())
        likely /= likely.sum()
        order = np.argsort(-likely, kind="stable")
        return Ranked(tuple((IN_SCOPE[place], float(likely[place])) for place in order), gate, known)


def gate_of(scores: Scores) -> Scores:
    """Return how much nearer each row is to its best intent in scope than to out of scope."""
    best: Scores = _inside(scores).max(axis=1)
    return best - scores[:, OUTSIDE]


def _inside(scores: Scores) -> Scores:
    return np.delete(scores, OUTSIDE, axis=1)


def _borders(unseen: Scores, inside: NDArray[np.bool_]) -> dict[bool, float]:
    """Return the gate below which a text is turned away, for service wishes (True) and all others, from unseen texts.

    The border lies where both mistakes are equally frequent: texts in scope turned away, and others let in. Our examples
    are shorter and harder than real messages (every second one is a fragment), so that a border at 5 % of them would let
    in far more than it need; one at equal mistakes moves with how the examples are written.
    """
    gates, service = gate_of(unseen), _SERVICE[_inside(unseen).argmax(axis=1)]
    return {
        group: _equal_mistakes(gates[inside & (service == group)], gates[~inside & (service == group)])
        for group in (True, False)
    }


def _equal_mistakes(inside: Scores, outside: Scores) -> float:
    if not len(inside) or not len(outside):
        return 0.0
    inside, outside = np.sort(inside), np.sort(outside)
    refused = np.arange(len(inside)) / len(inside)
    let_in = 1.0 - np.searchsorted(outside, inside) / len(outside)
    return float(inside[np.abs(refused - let_in).argmin()])


def _temperature(scores: Scores, labels: NDArray[np.int64]) -> float:
    """Return the temperature that makes the probabilities of unseen texts true ones (least log loss)."""
    inside = _inside(scores)
    places = labels - (labels > OUTSIDE)

    def loss(temperature: float) -> float:
        scaled = inside / temperature
        top = scaled.max(axis=1)
        spread = np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top
        return float((spread - scaled[np.arange(len(places)), places]).mean())

    return min(TEMPERATURES, key=loss)
