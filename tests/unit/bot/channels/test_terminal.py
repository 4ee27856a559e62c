"""The terminal: buttons are numbers, tables are aligned though Chinese characters are wide."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from bot.channels.terminal import Terminal, converse, render, width
from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from store.database import Database
from store.messages import Channel, CitationPart, Outgoing, TablePart, TextPart
from store.outbox import Letter
from store.records import OutboxItem
from tests.echo_pipeline import BUTTONS, EchoPipeline
from tests.outbox_items import item


async def typed(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


def test_a_message_is_drawn_with_its_buttons_numbered() -> None:
    message = Outgoing(
        parts=(
            TextPart(text="年费如下。"),
            TablePart(
                title="滞纳金", columns=("月", "合计"), rows=(("不满1个月", "0元"), ("满1个月", "100元"))
            ),
            CitationPart(citations=("实施细则",), as_of="2026年11月20日"),
        ),
        choices=BUTTONS,
    )
    assert render(message).splitlines() == [
        "年费如下。",
        "",
        "滞纳金",
        "月         合计",
        "─────────  ─────",
        "不满1个月  0元",
        "满1个月    100元",
        "",
        "依据（截至2026年11月20日）：",
        "· 实施细则",
        "",
        "  [1] 记下这件专利",
        "  [2] 以后再说",
    ]


def test_a_chinese_character_takes_two_columns() -> None:
    assert (width("年费a1"), width("")) == (6, 0)


async def test_numbers_press_buttons_and_words_are_said(now: datetime) -> None:
    heard: list[tuple[str, str]] = []
    shown: list[str] = []

    async def say(text: str) -> list[OutboxItem]:
        heard.append(("say", text))
        return [item(7, Outgoing.say("好的", *BUTTONS), now)]

    async def press(button: str) -> list[OutboxItem]:
        heard.append(("press", button))
        return [item(8, Outgoing.say("已记下"), now)]

    lines = typed("5", "年费", "2", "9", "\x00\x01", "字" * 20_000, "1", "退出", "不再读")
    await converse(lines, shown.append, say, press)
    assert heard == [("say", "5"), ("say", "年费"), ("press", "7:1"), ("say", "9"), ("press", "7:0")]
    assert any("没有能读出的文字" in text for text in shown)
    assert any("20,000字" in text for text in shown)
    assert "再见" in shown[-1]


async def test_an_empty_line_and_the_end_of_input_leave(now: datetime) -> None:
    async def nothing(_: str) -> list[OutboxItem]:
        raise AssertionError("nothing was typed")

    for lines in (typed(""), typed()):
        shown: list[str] = []
        await converse(lines, shown.append, nothing, nothing)
        assert len(shown) == 2


async def test_the_terminal_shows_what_it_was_sent_once(database: Database, now: datetime) -> None:
    """A reminder that became due meanwhile comes first; a second visit does not repeat the first."""
    delivery = Delivery(database, [InMemorySender(Channel.TERMINAL)], lambda: now)
    pipeline = EchoPipeline(database, lambda: now)
    terminal = Terminal(database, pipeline.receive, delivery.deliver_due, lambda: now, "local:me")
    shown: list[str] = []
    await terminal.run(shown.append, typed("你好\n", "2\n"))
    assert [text.splitlines()[0] for text in shown[1:-1]] == ["听到：你好", "听到：1:1"]
    async with database.transaction() as tx:
        letter = Letter(
            dedupe_key="r", channel=Channel.TERMINAL, address="local:me", content=Outgoing.say("该缴年费了")
        )
        await tx.outbox.write(letter, now)
    shown.clear()
    again = Terminal(database, pipeline.receive, delivery.deliver_due, lambda: now, "local:me")
    await again.run(shown.append, typed())
    assert shown[0] == "该缴年费了"
    assert len(shown) == 3
