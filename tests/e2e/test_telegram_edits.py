"""Messages changed where they stand: the real python-telegram-bot against a server that keeps what each chat shows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.settings import Mode
from store.database import Database
from store.messages import ChartPart, Outgoing, TextPart
from store.records import OutboxItem, OutboxState
from tests.e2e.bot_api_server import BotApi
from tests.e2e.test_telegram import CHAT, Bot, clock, running
from tests.echo_pipeline import BUTTONS

CHART = ChartPart(
    shape="bar", title="年费", labels=("第8年",), values=(2000.0,), unit="元", alt="第8年2,000元"
)


@pytest.fixture
async def bot(database: Database) -> AsyncIterator[Bot]:
    async with running(database, BotApi(), Mode.POLLING) as bot:
        yield bot


async def out(bot: Bot, key: str, content: Outgoing) -> OutboxItem:
    return await bot.settled(await bot.write(key, content=content))


async def change(bot: Bot, message: OutboxItem, content: Outgoing, key: str = "x") -> OutboxItem:
    async with bot.database.transaction() as tx:
        number = await tx.edits.change(message, content, key, clock())
    assert number is not None
    bot.delivery.wake()
    return await bot.settled(number)


def shown(bot: Bot, message: OutboxItem) -> tuple[str, list[str]]:
    there = bot.api.shown[str(CHAT), int(message.vendor_id)]
    return there.text, list(there.buttons)


async def test_a_message_is_changed_and_its_buttons_carry_the_changes_number(bot: Bot) -> None:
    message = await out(bot, "一", Outgoing.say("年费要缴了", *BUTTONS))
    edit = await change(bot, message, Outgoing.say("✓ 知道了\n年费要缴了", BUTTONS[1]))
    assert edit.state is OutboxState.SENT
    assert edit.vendor_id == message.vendor_id
    assert shown(bot, message) == ("✓ 知道了\n年费要缴了", ["以后再说"])
    there = bot.api.shown[str(CHAT), int(message.vendor_id)]
    assert there.buttons["以后再说"] == f"{edit.id}:0"
    assert len(bot.api.sends(CHAT)) == 1


async def test_the_same_change_again_is_a_success(bot: Bot) -> None:
    message = await out(bot, "一", Outgoing.say("一"))
    for key in ("first", "second"):
        assert (await change(bot, message, Outgoing.say("二"), key)).state is OutboxState.SENT
    assert bot.api.shown[str(CHAT), int(message.vendor_id)].times_changed == 1


async def test_a_long_message_and_a_picture_keep_their_words_and_lose_their_buttons(bot: Bot) -> None:
    long = await out(bot, "长", Outgoing.say("很长的一段话。" * 1000, *BUTTONS))
    words, buttons = shown(bot, long)
    assert buttons
    edit = await change(bot, long, Outgoing.say("已更新"))
    assert edit.state is OutboxState.SENT
    assert shown(bot, long) == (words, [])
    picture = await out(bot, "图", Outgoing(parts=(CHART,), choices=BUTTONS))
    marked = Outgoing(parts=(TextPart(text="✓ 知道了"), CHART))
    assert (await change(bot, picture, marked)).state is OutboxState.SENT
    assert "✓ 知道了" in shown(bot, picture)[0]
    assert shown(bot, picture)[1] == []


async def test_a_picture_whose_numbers_have_changed_is_another_picture(bot: Bot) -> None:
    before = await out(bot, "图", Outgoing(parts=(CHART,), choices=BUTTONS))
    now = CHART.model_copy(update={"values": (300.0,), "alt": "第8年300元"})
    assert (await change(bot, before, Outgoing(parts=(now,)))).state is OutboxState.SENT
    assert shown(bot, before) == ("第8年300元", [])
    [sent] = [call for call in bot.api.calls if call.method == "sendPhoto"]
    [edited] = [call for call in bot.api.calls if call.method == "editMessageMedia"]
    [first], [second] = sent.files.values(), edited.files.values()
    assert first.startswith(b"\x89PNG")
    assert second.startswith(b"\x89PNG")
    assert first != second


async def test_a_change_that_fails_does_not_stop_what_follows(bot: Bot) -> None:
    message = await out(bot, "一", Outgoing.say("一"))
    bot.api.shown.clear()  # the person deleted the chat's history
    new = await bot.write("二")
    edit = await change(bot, message, Outgoing.say("已更新"))
    after = await bot.write("三")
    assert (await bot.settled(new)).state is OutboxState.SENT
    assert edit.state is OutboxState.INVALID
    assert (await bot.settled(after)).state is OutboxState.SENT
    assert [call.text for call in bot.api.sends(CHAT)] == ["一", "二", "三"]


async def test_a_change_waits_when_telegram_says_so(bot: Bot) -> None:
    message = await out(bot, "一", Outgoing.say("一"))
    bot.api.floods.append(1)
    assert (await change(bot, message, Outgoing.say("二"))).state is OutboxState.SENT
    edits = [call.at for call in bot.api.calls if call.method == "editMessageText"]
    assert len(edits) == 2
    assert edits[1] - edits[0] >= 1.0
