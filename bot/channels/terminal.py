"""The terminal: `zhituo chat` and `zhituo ask`. Buttons are numbered, tables and charts are drawn in characters."""

from __future__ import annotations

import asyncio
import secrets
import sys
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.channels.received_text import UnreadableTextError, clean
from bot.channels.rendering import Line, lines_of, plain_text
from bot.channels.texts import TEXTS
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind, Outgoing, Part, TablePart
from store.records import OutboxItem

_LEAVE = frozenset({"退出", "再见", "exit", "quit", "q"})
_GAP = "  "
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


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


@dataclass(frozen=True, slots=True)
class _Button:
    """A button last shown: its id (`12:0`) and what it says."""

    id: str
    text: str


def _place(typed: str, buttons: Sequence[_Button]) -> int:
    """Return the number of the button that was typed, 0 when the text is said: 8 as an answer, not as a place."""
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 4):
        return 0
    said = next((place for place, button in enumerate(buttons, 1) if button.text == typed), 0)
    return said or (int(typed) if int(typed) <= len(buttons) else 0)


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
    buttons: list[_Button] = []
    async for line in lines:
        typed = line.strip()
        if not typed or typed.lower() in _LEAVE:
            break
        if place := _place(typed, buttons):
            answers = await press(buttons[place - 1].id)
        else:
            try:
                answers = await say(clean(line))
            except UnreadableTextError as error:
                show(str(error))
                continue
        for answer in answers:
            show(render(answer.content))
            if answer.content.choices:
                buttons = [
                    _Button(f"{answer.id}:{index}", choice.text)
                    for index, choice in enumerate(answer.content.choices)
                ]
    show(TEXTS.say("terminal.goodbye"))


class Terminal:
    """One person at one terminal. `receive` answers before it returns, `deliver` sends all that is due."""

    def __init__(
        self,
        database: Database,
        receive: Callable[[Incoming], Awaitable[bool]],
        deliver: Callable[[], Awaitable[object]],
        clock: Callable[[], datetime],
        address: str,
    ) -> None:
        self._database = database
        self._receive = receive
        self._deliver = deliver
        self._clock = clock
        self._address = address
        self._shown_until: datetime | None = None

    async def run(self, show: Callable[[str], None], lines: AsyncIterator[str] | None = None) -> None:
        """Converse until the person leaves. What became due since the last time, as a reminder, is shown first."""
        self._shown_until = await self._last_sent()
        for item in await self._answers():
            show(render(item.content))
        await converse(lines or typed_lines(), show, self._say, self._press)

    async def _say(self, text: str) -> Sequence[OutboxItem]:
        return await self._hand_over(IncomingKind.TEXT, text=text)

    async def _press(self, button: str) -> Sequence[OutboxItem]:
        return await self._hand_over(IncomingKind.PRESS, pressed=button)

    async def _hand_over(
        self, kind: IncomingKind, *, text: str = "", pressed: str = ""
    ) -> Sequence[OutboxItem]:
        await self._receive(
            Incoming(
                channel=Channel.TERMINAL,
                address=self._address,
                update_id=secrets.token_hex(16),
                kind=kind,
                received_at=self._clock(),
                text=text,
                pressed=pressed,
            )
        )
        return await self._answers()

    async def _answers(self) -> Sequence[OutboxItem]:
        """Return what has been sent here since the last look."""
        await self._deliver()
        async with self._database.reading() as tx:
            items = await tx.outbox.sent_to(Channel.TERMINAL, self._address, self._shown_until or _LONG_AGO)
        if items:
            self._shown_until = items[-1].sent_at
        return items

    async def _last_sent(self) -> datetime | None:
        async with self._database.reading() as tx:
            before = await tx.outbox.sent_to(Channel.TERMINAL, self._address, None, 1)
        return before[-1].sent_at if before else None


async def typed_lines() -> AsyncIterator[str]:
    """Yield the lines typed into this process, bytes that are no text replaced."""
    while line := await asyncio.to_thread(_read_line):
        yield line.decode("utf-8", "replace")


def _read_line() -> bytes:
    if sys.stdin.isatty():
        sys.stdout.write(f"\n{TEXTS.say('terminal.prompt')}")
        sys.stdout.flush()
    return sys.stdin.buffer.readline()


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
