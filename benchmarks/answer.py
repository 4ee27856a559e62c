"""Answers a minute of mixed messages through the whole pipeline on SQLite: p50, p99, messages a second, memory.

Each message goes in as an update of the terminal channel, is stored, understood, answered and delivered before the next
one is sent. The answers are checked before anything is measured. Run: `python benchmarks/answer.py [seconds]`.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from app.settings import Settings
from app.wiring import Minds, Service, utc_now
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind

AIM_P50, AIM_P99, AIM_MEMORY, AIM_START = 10.0, 40.0, 400.0, 5.0
MESSAGES = (
    ("我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？", "2,000元"),
    ("帮我记下来 ZL202010293847.9，申请日2020年4月15日", "202010293847.9"),
    ("我有哪些期限", "2027年4月15日"),
    ("帮我记下来 ZL202010293847.X", "校验"),
    ("商标要续展，2017年3月14日注册的", "续展"),
    ("你好", "知托"),
    ("今天天气怎么样", "范围"),
    ("专利申请要交哪些材料", ""),
    ("有人在淘宝卖仿冒我们商标的东西怎么办", ""),
    ("取消", ""),
    ("我们能申请什么补贴", ""),
    ("取消", ""),
)


class _Person:
    """One owner who writes a message and waits for the answer."""

    def __init__(self, service: Service, name: str) -> None:
        self._service = service
        self._name = name
        self._sent = 0
        self._seen = 0

    async def say(self, text: str) -> None:
        """Send a message; when this returns, its answer has been delivered."""
        self._sent += 1
        await self._service.pipeline.receive_and_answer(
            Incoming(
                channel=Channel.TERMINAL,
                address=self._name,
                update_id=f"{self._name}:{self._sent}",
                kind=IncomingKind.TEXT,
                received_at=utc_now(),
                text=text,
            )
        )
        await self._service.deliver()

    async def read(self) -> str:
        """Return what came since the last look."""
        async with self._service.database.reading() as tx:
            items = await tx.outbox.for_address(Channel.TERMINAL, self._name, after=self._seen)
        self._seen = items[-1].id if items else self._seen
        return "\n".join(item.content.plain_text() for item in items)


async def _measure(minds: Minds, folder: Path, seconds: float) -> tuple[list[float], float]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'bench.sqlite3'}")
    await database.migrate()
    service = Service.for_terminal(database, minds, utc_now)
    checker = _Person(service, "checker")
    for text, expected in MESSAGES:
        await checker.say(text)
        answer = await checker.read()
        if expected not in answer or not answer:
            raise SystemExit(f"wrong answer to {text!r}: {answer[:200]!r}")
    people = cycle([_Person(service, f"owner{number}") for number in range(20)])
    took: list[float] = []
    worked = time.process_time()
    end = time.perf_counter() + seconds
    for text, _ in cycle(MESSAGES):
        began = time.perf_counter()
        if began >= end:
            break
        await next(people).say(text)
        took.append((time.perf_counter() - began) * 1000)
    worked = time.process_time() - worked
    await database.close()
    return took, worked


def _load(folder: Path) -> tuple[float, Minds]:
    """Return how many seconds loading takes; the model is kept in the folder."""
    began = time.perf_counter()
    minds = Minds.load(Settings().knowledge_dir, folder / "understanding.npz")
    return time.perf_counter() - began, minds


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory() as folder:
        first, minds = _load(Path(folder))
        again, minds = _load(Path(folder))
        took, worked = asyncio.run(_measure(minds, Path(folder), seconds))
    percentiles = statistics.quantiles(took, n=100)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = (
        ("messages", f"{len(took)}", ""),
        ("messages a second", f"{1000 / statistics.mean(took):.0f}", ""),
        ("p50", f"{percentiles[49]:.1f} ms", f"<= {AIM_P50:.0f} ms"),
        ("p99", f"{percentiles[98]:.1f} ms", f"<= {AIM_P99:.0f} ms"),
        ("processor time each", f"{1000 * worked / len(took):.1f} ms", ""),
        ("first start: loaded and trained", f"{first:.1f} s", ""),
        ("every later start: loaded", f"{again:.1f} s", f"<= {AIM_START:.0f} s"),
        ("memory at most", f"{memory:.0f} MB", f"<= {AIM_MEMORY:.0f} MB"),
    )
    print(f"{'measure':<34}{'value':>12}  aim")
    for name, value, aim in rows:
        print(f"{name:<34}{value:>12}  {aim}")


if __name__ == "__main__":
    main()
