"""What can go wrong while understanding is built; understanding itself never raises."""

from __future__ import annotations


class UnderstandingError(Exception):
    """The part that understands messages cannot be built or measured."""


class TooFewExamplesError(UnderstandingError):
    """An intent has no training example; add some under knowledge/intents."""


class LeakedEvaluationError(UnderstandingError):
    """A text to be evaluated also stands in the training examples, so the figures would be worthless."""
