"""The form of a transcript file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from store.messages import Channel


class TranscriptError(Exception):
    """A transcript file cannot be read; the message names the file and the place."""


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float) else value


Words = Annotated[list[str], BeforeValidator(_several)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class Expected(_Form):
    """What the service must have said in this step. All messages of the step are looked at together."""

    intent: str = ""
    contains: Words = []
    not_contains: Words = []
    cites: Words = []
    choices: Words = []
    not_choices: Words = []
    silent: bool = False
    messages: int | None = None  # exactly so many


Cell = Annotated[str, BeforeValidator(str)]  # YAML reads days and numbers: they are written as they stood


class SentFile(_Form):
    """A file that the owner sends: its rows are written as CSV, or `text` as it stands."""

    name: str
    rows: list[list[Cell]] = []
    text: str = ""

    def content(self) -> bytes:
        """Return the bytes of the file."""
        if self.text:
            return self.text.encode()
        written = io.StringIO(newline="")
        csv.writer(written).writerows(self.rows)
        return written.getvalue().encode("utf-8-sig")


class Step(_Form):
    """One thing that happens, and what must come of it. Exactly one of the first keys is given.

    `{code}` in what is written or opened stands for the one-time code that was shown last.
    """

    user: str | None = None  # the owner writes
    press: str | None = None  # the owner presses a button of the last answers, by its text
    photo: str | None = None  # the owner sends a picture of this file name
    file: SentFile | None = None  # the owner sends a spreadsheet
    voice: bool = False  # the owner sends a voice message
    again: bool = False  # the channel delivers the last update once more
    start: str | None = None  # the owner opens the chat by a link with this parameter; empty: without one
    leaves: bool = False  # the owner blocks us in this chat
    advance: str | None = None  # time passes; what is due is sent
    agent: str | None = None  # an agency person writes, taking the case over if nobody has
    agent_returns: str | None = None  # the agency gives the chat back, with a reason
    agent_closes: str | None = None  # the agency closes the case, with a result
    at: str = ""  # in which chat: a channel's name, with a second one of the same kind as telegram/2
    bot: Expected = Field(default_factory=Expected)
    elsewhere: dict[str, Expected] = {}  # what other chats were told, by `at`

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        given = [name for name in STEP_KINDS if getattr(self, name) not in (None, False)]
        if len(given) != 1:
            raise ValueError(f"a step holds exactly one of {', '.join(STEP_KINDS)}, not {given or 'none'}")
        if self.advance is not None:
            read_span(self.advance)
        for chat in (self.at, *self.elsewhere):
            channel_of(chat)
        return self

    @property
    def words(self) -> str:
        """Return the step as a report names it."""
        for name in STEP_KINDS:
            value = getattr(self, name)
            if isinstance(value, SentFile):
                return f"{name}: {value.name}"
            if value not in (None, False):
                name = f"{self.at} {name}" if self.at else name
                return f"{name}: {value}" if isinstance(value, str) else name
        return ""


STEP_KINDS = (
    "user", "press", "photo", "file", "voice", "again", "start", "leaves", "advance", "agent", "agent_returns", "agent_closes",
)  # fmt: skip


class Transcript(_Form):
    """One conversation with one owner, on a fresh database."""

    name: str
    today: date = date(2026, 11, 20)
    facts: dict[str, Any] = {}
    steps: list[Step] = Field(min_length=1)


def channel_of(chat: str) -> Channel:
    """Return the channel of a chat; the terminal's where none is named. Raises ValueError."""
    return Channel(chat.partition("/")[0]) if chat else Channel.TERMINAL


_SPAN = re.compile(r"^(\d{1,4})\s*(d|w|m|y|h|天|周|月|年|小时)$")
_DAYS = {"d": 1, "天": 1, "w": 7, "周": 7, "m": 30, "月": 30, "y": 365, "年": 365}


def read_span(text: str) -> timedelta:
    """Return how much time passes: `90d`, `2w`, `3m` (of 30 days), `1y`, `12h`. Raises ValueError."""
    match = _SPAN.match(text.strip())
    if match is None:
        raise ValueError(f"advance reads like 90d, 2w, 3m, 1y or 12h, not {text!r}")
    if match[2] in ("h", "小时"):
        return timedelta(hours=int(match[1]))
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


def read_transcripts(path: Path) -> list[Transcript]:
    """Return the transcripts of a file. Raises TranscriptError."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TranscriptError(f"{path}: {error}") from error
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list) or not raw:
        raise TranscriptError(f"{path}: a list of transcripts is expected")
    found = []
    for number, item in enumerate(raw, start=1):
        try:
            found.append(Transcript.model_validate(item))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise TranscriptError(f"{path}: transcript {number}: {place}: {first['msg']}") from error
    return found
