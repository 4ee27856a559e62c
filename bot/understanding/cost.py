"""What understanding costs: seconds to train and the most memory of a process that does nothing else.

    python -m bot.understanding.cost KNOWLEDGE_FOLDER

prints both as JSON. `measured` runs that in a process of its own, because a process's peak counts all it ever loaded.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bot.understanding.errors import UnderstandingError
from bot.understanding.understand import Understanding
from knowledge.intent_examples import load_intent_examples

TIME_LIMIT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds to train, and megabytes at the peak with interpreter and libraries."""

    seconds: float
    megabytes: float


def measured(knowledge: Path) -> Cost:
    """Return the cost of training from the knowledge folder. Raises UnderstandingError when that fails."""
    try:
        done = subprocess.run(  # noqa: S603  (our own module)
            [sys.executable, "-m", __name__, str(knowledge)],
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT_SECONDS,
            check=True,
        )
        return Cost(**json.loads(done.stdout))
    except (subprocess.SubprocessError, OSError, ValueError, TypeError) as error:
        raise UnderstandingError(f"the cost could not be measured: {error}") from error


def main() -> None:
    """Train, and print what it cost."""
    started = time.perf_counter()
    Understanding.load(load_intent_examples(Path(sys.argv[1])))
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "megabytes": _peak_megabytes()}))


def _peak_megabytes() -> float:
    """Return the most memory of this process. Where /proc tells it: elsewhere the figure of who started it counts in."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
