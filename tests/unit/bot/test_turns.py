"""One at a time for each, in order, and nothing is kept of those who have nothing to do."""

from __future__ import annotations

import asyncio
import random

from bot.turns import Turns


async def test_one_at_a_time_in_order_whoever_gives_up_or_fails() -> None:
    turns, fate = Turns(), random.Random(1)
    running: dict[int, int] = {}
    done: list[tuple[int, int]] = []

    async def act(whose: int, number: int) -> None:
        async with turns.of(whose):
            assert running.get(whose, 0) == 0, "two at once"
            running[whose] = 1
            try:
                for _ in range(fate.randrange(4)):
                    await asyncio.sleep(0)
                if number % 7 == 0:
                    raise RuntimeError("answering failed")
                done.append((whose, number))
            finally:
                running[whose] = 0

    tasks = []
    for number in range(1, 600):
        tasks.append(asyncio.create_task(act(number % 5, number)))
        if number % 11 == 0:
            tasks[fate.randrange(len(tasks))].cancel()
        if number % 3 == 0:
            await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    for whose in range(5):
        mine = [number for person, number in done if person == whose]
        assert len(mine) > 60
        assert mine == sorted(mine)
    assert len(turns) == 0


async def test_nobody_waits_for_somebody_else() -> None:
    turns = Turns()
    async with turns.of("a"), asyncio.timeout(1), turns.of("b"):
        assert len(turns) == 2
    assert len(turns) == 0


async def test_who_is_waited_for_is_not_forgotten() -> None:
    turns, order = Turns(), []

    async def act(name: str) -> None:
        async with turns.of(1):
            order.append(name)
            await asyncio.sleep(0)
            order.append(name)

    first = asyncio.create_task(act("first"))
    await asyncio.sleep(0)
    second = asyncio.create_task(act("second"))
    await first
    third = asyncio.create_task(act("third"))  # the second has the turn and nobody waits: it is still theirs
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    await second
    assert order == ["first", "first", "second", "second"]
    assert len(turns) == 0
