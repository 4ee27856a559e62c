"""The terminal: `zhituo chat` and `zhituo ask`. Buttons are numbered, tables and charts are drawn in characters."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from bot.channels.received_text import UnreadableTextError, clean
from bot.channels.rendering import Line, lines_of, plain_text
from bot.channels.texts import TEXTS
from store.messages import Outgoing, Part, TablePart
from store.records import OutboxItem

_LEAVE = frozenset({"退出", "再见", "exit", "quit", "q"})
_GAP = "  "


def render(message: Outgoing) -> str:
    """Return the message as a terminal shows it, its buttons numbered from 1."""
    blocks = []
    rest: list[Part] = []
    for part in message.parts:
        if isinstance(part, TablePart):
            blocks.append(_words(rest))
            blocks.append(_table(part))
            rest = []
        else:
            rest.append(part)
    blocks.append(_words(rest))
    buttons = "\n".join(f"  [{number}] {choice.text}" for number, choice in enumerate(message.choices, 1))
    return "\n\n".join(block for block in [*blocks, buttons] if block)


def width(text: str) -> int:
    """Return how many columns the text takes: a Chinese character takes two."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


async def converse(
    lines: AsyncIterator[str],
    show: Callable[[str], None],
    say: Callable[[str], Awaitable[Sequence[OutboxItem]]],
    press: Callable[[str], Awaitable[Sequence[OutboxItem]]],
) -> None:
    """Read what the person types and show what is answered, until they leave.

    `say` and `press` hand a text, or a button as `12:0`, to the pipeline and return the messages that it led to.
    """
    show(TEXTS.say("terminal.welcome"))
    buttons: list[str] = []
    async for line in lines:
        typed = line.strip()
        if not typed or typed.lower() in _LEAVE:
            break
        if typed.isascii() and typed.isdecimal() and buttons and len(typed) < 4:
            if not 1 <= int(typed) <= len(buttons):
                show(TEXTS.say("terminal.pick", count=len(buttons)))
                continue
            answers = await press(buttons[int(typed) - 1])
        else:
            try:
                answers = await say(clean(line))
            except UnreadableTextError as error:
                show(str(error))
                continue
        for answer in answers:
            show(render(answer.content))
            if answer.content.choices:
                buttons = [f"{answer.id}:{index}" for index in range(len(answer.content.choices))]
    show(TEXTS.say("terminal.goodbye"))


def _words(parts: Sequence[Part]) -> str:
    lines: list[Line] = lines_of(Outgoing(parts=tuple(parts)))
    return plain_text(lines)


def _table(table: TablePart) -> str:
    rows = [table.columns, *table.rows]
    widths = [max(width(row[column]) for row in rows) for column in range(len(table.columns))]
    drawn = [
        _GAP.join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    drawn.insert(1, _GAP.join("─" * wide for wide in widths))
    return "\n".join([table.title, *drawn] if table.title else drawn)
