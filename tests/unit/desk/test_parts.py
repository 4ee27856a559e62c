"""Buttons of the desk: one step at a time, and seen to be on its way."""

from __future__ import annotations

import asyncio

from desk.parts import button
from tests.unit.desk.conftest import Office, SignIn, press


async def test_a_button_shows_that_its_step_is_on_its_way(bureau: Office, sign_in: SignIn) -> None:
    goes_on, taken = asyncio.Event(), 0

    async def step() -> None:
        nonlocal taken
        taken += 1
        await goes_on.wait()

    user = await sign_in("lin")
    await user.open("/dashboard")
    with user:
        drawn = button("一步", step)
    press(user, "一步")
    await asyncio.sleep(0.05)
    assert drawn.props.get("loading")
    press(user, "一步")
    goes_on.set()
    await asyncio.sleep(0.05)
    assert "loading" not in drawn.props
    assert taken == 1
