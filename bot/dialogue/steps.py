"""Names the steps of the dialogue, so that a report can say which of them no transcript reaches."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

ALL_STEPS: set[str] = set()
_observers: list[set[str]] = []


def step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Name a function as a step. It counts as reached when it returned something."""
    ALL_STEPS.add(name)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def observed(*args: P.args, **kwargs: P.kwargs) -> R:
            result = function(*args, **kwargs)
            if result is not None:
                for reached in _observers:
                    reached.add(name)
            return result

        return observed

    return decorate


class Reached:
    """Collects the steps reached while it is open: `with Reached() as reached: …`."""

    def __init__(self) -> None:
        self._steps: set[str] = set()

    def __enter__(self) -> set[str]:
        _observers.append(self._steps)
        return self._steps

    def __exit__(self, *_: object) -> None:
        # By identity: two collectors may hold equal sets.
        _observers[:] = [other for other in _observers if other is not self._steps]
