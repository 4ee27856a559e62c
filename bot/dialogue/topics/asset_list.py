"""A list of rights as a file: first what was made of it, row by row; it is kept only by 全部登记."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.dialogue.effects import KeepAssets
from bot.dialogue.goals.add_asset import asset_name
from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, button, reply, say
from bot.dialogue.world import Sheet
from rules.days import format_day
from rules.deadlines.asset_import import ImportPreview, Refused, Understood, read_rows
from rules.deadlines.assets import AssetFacts
from rules.deadlines.errors import DeadlineInputError
from store.asset_lists import Entry, KnownRights, Listed
from store.messages import Choice, Outgoing, Part, TablePart, TextPart, Verb

KEEP = "keep_list"  # what 全部登记 confirms; its value is the file's attachment id
CANCEL = "list"
MOST_SHOWN = 10
_NEWS = (Listed.ADDED, Listed.CHANGED)
_LONG = 40


@dataclass(frozen=True, slots=True)
class _Read:
    """What was made of a file, beside what is already kept."""

    found: ImportPreview
    rows: tuple[tuple[Understood, Entry], ...]
    refused: tuple[Refused, ...]

    @property
    def news(self) -> tuple[AssetFacts, ...]:
        """The rights that keeping the list would write."""
        return tuple(entry.said for _, entry in self.rows if entry.listed in _NEWS)

    def count(self, listed: Listed) -> int:
        """Return how many rows come to this."""
        return sum(entry.listed is listed for _, entry in self.rows)


def sent(turn: Turn, sheet: Sheet) -> Response:
    """A list was sent: say what was understood and ask whether it is to be kept."""
    read = _read(turn, sheet)
    if isinstance(read, str):
        return unreadable(turn, read)
    return preview(turn, sheet, read) if read.news else nothing_new(turn, read)


@step("list: unreadable")
def unreadable(turn: Turn, problem: str) -> Response:
    """The file is no list that can be read: why, and what to do."""
    return reply(turn.conversation, say("list.unreadable", problem=problem), PERSON_BUTTON)


@step("list: preview")
def preview(turn: Turn, sheet: Sheet, read: _Read) -> Response:
    """Show what would be kept and what not, with the reasons."""
    choices = (
        button(say("list.keep_button"), Verb.CONFIRM, KEEP, str(sheet.attachment_id)),
        button(say("list.cancel_button"), Verb.CANCEL, CANCEL),
    )
    message = Outgoing(parts=tuple(_parts(read)), choices=choices, intent="add_asset")
    return Response(turn.conversation, (message,))


@step("list: nothing new")
def nothing_new(turn: Turn, read: _Read) -> Response:
    """Nothing in the list would change anything."""
    message = Outgoing(parts=tuple(_parts(read)), choices=(_list_button(),), intent="add_asset")
    return Response(turn.conversation, (message,))


@step("list: keep")
def keep(turn: Turn, sheet: Sheet | None) -> Response:
    """全部登记: keep what is new. Pressed twice it changes nothing the second time."""
    if sheet is not None and sheet.kept is not None:
        return Response(turn.conversation, (sheet.kept,))
    read = say("list.gone") if sheet is None else _read(turn, sheet)
    if isinstance(read, str):
        return unreadable(turn, read)
    if not read.news:
        return reply(turn.conversation, say("list.nothing_new"), _list_button())
    return Response(turn.conversation, (), (KeepAssets(read.news, read.count(Listed.SAME)),))


@step("list: cancelled")
def cancelled(turn: Turn) -> Response:
    """取消: nothing was kept."""
    return reply(turn.conversation, say("list.cancelled"))


def _read(turn: Turn, sheet: Sheet) -> _Read | str:
    """Return what was made of the file, or why nothing could be."""
    if sheet.problem:
        return sheet.problem
    try:
        found = read_rows(sheet.rows, turn.today)
    except DeadlineInputError as error:
        return error.message_zh
    if not (found.understood or found.refused):
        return say("list.no_rows")
    known = KnownRights.of(turn.world.assets)
    rows = tuple((row, known.entry(row.asset)) for row in found.understood)
    contradicting = tuple(
        Refused(row.line, "", row.asset.number, entry.problem, "")
        for row, entry in rows
        if entry.listed is Listed.REFUSED
    )
    refused = sorted((*found.refused, *contradicting), key=lambda row: row.line)
    return _Read(found, tuple(pair for pair in rows if pair[1].listed is not Listed.REFUSED), tuple(refused))


def _parts(read: _Read) -> list[Part]:
    parts: list[Part] = [TextPart(text="\n".join(_summary(read)))]
    shown = [pair for pair in read.rows if pair[1].listed in _NEWS][:MOST_SHOWN]
    if shown:
        parts.append(_table("list.rows_title", ("line", "right", "title", "day", "what"), map(_row, shown)))
    if len(read.news) > len(shown) > 0:
        parts.append(TextPart(text=say("list.more", count=len(read.news) - len(shown))))
    if read.refused:
        refused = [
            (str(row.line), row.shown or say("list.no_number"), row.message_zh)
            for row in read.refused[:MOST_SHOWN]
        ]
        parts.append(_table("list.refused_title", ("line", "number", "reason"), refused))
    if len(read.refused) > MOST_SHOWN:
        parts.append(TextPart(text=say("list.more_refused", count=len(read.refused) - MOST_SHOWN)))
    return parts


def _summary(read: _Read) -> list[str]:
    counts = {
        "new": read.count(Listed.ADDED),
        "changed": read.count(Listed.CHANGED),
        "same": read.count(Listed.SAME),
        "given_up": read.count(Listed.GIVEN_UP),
        "repeated": read.found.repeated,
        "refused": len(read.refused),
    }
    named = [say(f"list.count_{key}", count=count) for key, count in counts.items() if count]
    lines = [say("list.understood", count=len(read.rows)) + "：" + "，".join(named) + "。"]
    if read.found.ignored:
        lines.append(say("list.ignored", names="、".join(name[:20] for name in read.found.ignored[:10])))
    lines.append(say("list.ask") if read.news else say("list.nothing_new"))
    return lines


def _row(pair: tuple[Understood, Entry]) -> tuple[str, ...]:
    row, entry = pair
    asset = row.asset
    day = asset.filing or asset.registration or asset.expiry
    what = [say("list.row_new" if entry.listed is Listed.ADDED else "list.row_changed"), *row.notes]
    return (
        str(row.line),
        asset_name(asset.kind.value, asset.number),
        _short(entry.name),
        format_day(day) if day else "—",
        "；".join(what),
    )


def _table(title: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> TablePart:
    return TablePart(
        title=say(title),
        columns=tuple(say(f"list.column_{name}") for name in columns),
        rows=tuple(rows),
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _list_button() -> Choice:
    return asking_for(say("asset.list_button"), say("asset.list_button"))
