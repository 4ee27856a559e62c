"""How long a message waits that could not be sent for no fault of its own."""

from __future__ import annotations

MAX_ATTEMPTS = 20  # about two and a half hours; then a person decides at the desk
_LONGEST_SECONDS = 600.0


def wait_seconds(attempts: int) -> float:
    """Return the seconds to wait after so many attempts: 1, 2, 4, … at most ten minutes."""
    return min(2.0 ** max(attempts - 1, 0), _LONGEST_SECONDS)
