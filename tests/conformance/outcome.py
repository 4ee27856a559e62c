"""What came of a case of somebody else's suite: passed, failed, or out of scope for one of a few reasons.

A reason is given by what the case *says*, before anything is computed; the answer we get never decides it. So no
case can be out of scope because we got it wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rules.errors import RulesError


class Reason(StrEnum):
    """Why a case is about something that a rule here cannot say, and is not meant to."""

    WORD_ORDER = (
        "words are put in order: choices have no order here, and a rule that used one would be a mistake"
    )
    TIMES = "times of day, instants and time zones: rules know days"
    DURATIONS = "durations as values: rules count whole days, months and years between two days"
    STRUCTURES = "structures with fields as values: a fact is one value"
    LISTS = "lists compared, indexed or computed as values: a fact holds a set without order or repeats"
    RANGES = "ranges and tests as values: a range stands only on the right of a comparison"
    FUNCTIONS = "functions defined, passed or looked up by the model: the functions are a short fixed list"
    NULL = "null compared as a value: what is unknown here stays unknown"
    LIMITS = "the limits of decimal128: a literal here ends at 10 to the 15th"
    TEXT = "text put together or taken apart: text for people stands in catalogues"
    UNITS = "units that must be derived or have no factor: an amount names its one unit"
    PROVISIONAL = (
        "an answer given although facts that may change it are missing (defaults, assumed applicability)"
    )
    ASKS_WHAT_IS_KNOWN = (
        "a rule that asks whether a fact has been told: answers depend on facts, not on the telling"
    )
    WHAT_IF = "a rule computed again in other circumstances, or put in place of another one"
    MECHANISM = "a mechanism of the other language that no policy here has needed"


class OutOfScope(Exception):
    """Raised by a reader that meets something out of scope."""

    def __init__(self, reason: Reason, what: str = "") -> None:
        super().__init__(f"{reason.name.lower()}: {what}")
        self.reason = reason


class Verdict(StrEnum):
    """How a case went."""

    PASSED = "passed"
    FAILED = "failed"
    OUT_OF_SCOPE = "out of scope"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case: where it stands, how it went, and for a failure what was wanted and what came."""

    suite: str
    folder: str
    case: str
    verdict: Verdict
    reason: Reason | None = None
    detail: str = ""


def tried(suite: str, folder: str, case: str, differs: Callable[[], str]) -> Outcome:
    """Return the outcome of a case; `differs` returns an empty string when all is as wanted."""
    try:
        detail = differs()
    except OutOfScope as scope:
        return Outcome(suite, folder, case, Verdict.OUT_OF_SCOPE, scope.reason, str(scope))
    except (RulesError, ValueError, LookupError, TypeError) as error:
        return Outcome(suite, folder, case, Verdict.FAILED, None, f"{type(error).__name__}: {error}")
    return Outcome(suite, folder, case, Verdict.FAILED if detail else Verdict.PASSED, None, detail)
