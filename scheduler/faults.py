"""One of many that is broken ends nothing but its own work: the others are worked on, and an operator hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from store.errors import UnavailableError

log = structlog.get_logger()


class PartlyDoneError(Exception):
    """Of many things that were due `done` were done and `failed` could not be: those are tried again."""

    def __init__(self, work: str, done: int, failed: int) -> None:
        super().__init__(f"{work}: {done} done, {failed} failed")
        self.work = work
        self.done = done
        self.failed = failed


@dataclass(slots=True)
class Faults:
    """Counts what failed of one kind of work. `work` names it for the operator's log."""

    work: str
    failed: int = 0

    @contextmanager
    def apart(self, **which: int) -> Iterator[None]:
        """Keep what fails within the block from ending the rest. `which` says by ids what it was done for.

        A database that is gone is no fault of the one that was being worked on: UnavailableError goes on.
        """
        try:
            yield
        except UnavailableError:
            raise
        except Exception:
            self.failed += 1
            log.exception("one of many failed: it is left and tried again", work=self.work, **which)

    def end(self, done: int) -> int:
        """Return how many were done. Raises PartlyDoneError when some could not be."""
        if self.failed:
            raise PartlyDoneError(self.work, done, self.failed)
        return done
