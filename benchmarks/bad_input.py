"""How long the worst messages take to be understood and to be stripped of personal data.

    python benchmarks/bad_input.py

Each is 20,000 characters of one repeated piece. Times are the processor's, the least of five; above 50 ms the run fails.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bot.understanding.anonymous import anonymous  # noqa: E402
from bot.understanding.understand import Understanding  # noqa: E402
from knowledge.intent_examples import load_intent_examples  # noqa: E402
from tests.unit.bot.understanding.test_bad_input import LONG, UNITS  # noqa: E402

TODAY = date(2026, 11, 20)
LIMIT = 50.0
SHOWN = 10


def milliseconds(act: Callable[[], object]) -> float:
    """Return the processor time of one call, the least of five."""
    times = []
    for _ in range(5):
        started = time.thread_time()
        act()
        times.append((time.thread_time() - started) * 1000)
    return min(times)


def main() -> None:
    """Print the slowest messages."""
    understanding = Understanding.load(load_intent_examples(ROOT / "knowledge"))
    rows = []
    for unit in UNITS:
        text = (unit * LONG)[:LONG]
        rows.append(
            (
                milliseconds(lambda text=text: understanding.understand(text, TODAY)),  # type: ignore[misc]
                milliseconds(lambda text=text: anonymous(text, TODAY)),  # type: ignore[misc]
                unit,
            )
        )
    rows.sort(reverse=True)
    print(f"{'understood':>12} {'anonymous':>12}  repeated")
    for understood, stripped, unit in rows[:SHOWN]:
        print(f"{understood:9.1f} ms {stripped:9.1f} ms  {unit!r}")
    slowest = max(max(understood, stripped) for understood, stripped, _ in rows)
    print(f"{len(rows)} messages of {LONG} characters, the slowest {slowest:.1f} ms")
    sys.exit(slowest > LIMIT)


if __name__ == "__main__":
    main()
