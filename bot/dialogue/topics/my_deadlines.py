"""我有哪些期限: everything that is due for the company, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.dialogue.goals.add_asset import told_apart
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, button, reply, say
from rules.days import format_day
from rules.money import format_yuan
from store.messages import Choice, CitationPart, Outgoing, Part, TablePart, TextPart, Verb
from store.obligation_records import citations_of, details_of
from store.records import Asset, StoredObligation

MOST_ROWS = 20


@step("my deadlines")
def answer(turn: Turn) -> Response:
    """List the obligations that are open; with none, say what to do first."""
    if not turn.world.assets:
        return nothing_kept(turn)
    due = sorted(turn.world.obligations, key=lambda item: (item.safe, item.id))
    if not due:
        return nothing_due(turn)
    first = due[0]
    text = say(
        "my_deadlines.first_late" if first.safe < turn.today else "my_deadlines.first",
        count=len(due),
        title=first.title,
        name=names_of(turn.world.assets).get(first.asset_id, ""),
        safe=format_day(first.safe),
    )
    late = late_note(due, turn.today)
    table = due_table(say("my_deadlines.title"), due[:MOST_ROWS], turn.world.assets, turn.today)
    parts: list[Part] = [TextPart(text="\n".join(filter(None, (text, late)))), table]
    if len(due) > MOST_ROWS:
        parts.append(TextPart(text=say("my_deadlines.more", count=len(due) - MOST_ROWS)))
    if any(item.provisional for item in due):
        parts.append(TextPart(text=say("my_deadlines.provisional")))
    choices = (
        button(say("my_deadlines.paid_button", title=first.title), Verb.PAID, str(first.id)),
        button(say("asset.another_button"), Verb.START, "add_another_asset"),
        *export_buttons(),
    )
    cited = CitationPart(citations=cited_by(due[:MOST_ROWS]), as_of=format_day(turn.today))
    return Response(turn.conversation, (Outgoing(parts=(*parts, cited), choices=choices),))


def due_table(title: str, due: Sequence[StoredObligation], assets: Iterable[Asset], today: date) -> TablePart:
    """Return the obligations as a table, in the order given, with what is to be paid today where one is late."""
    names = names_of(assets)
    columns = ("what", "right", "safe", "legal", "amount")
    return TablePart(
        title=title,
        columns=tuple(say(f"my_deadlines.column_{key}") for key in columns),
        rows=tuple(_row(item, names.get(item.asset_id, ""), today) for item in due),
    )


def late_note(due: Sequence[StoredObligation], today: date) -> str:
    """Return what to do about obligations whose safe day has passed; empty where there are none.

    The service does not know whether such a one has been paid elsewhere: it stays until somebody says so.
    """
    late = [item for item in due if item.safe < today]
    if not late:
        return ""
    ends = [item.grace_end for item in late if item.grace_end is not None and item.grace_end >= today]
    by = say("my_deadlines.late_by", day=format_day(min(ends))) if ends else ""
    return say("my_deadlines.late", count=len(late), by=by)


def names_of(assets: Iterable[Asset]) -> dict[int, str]:
    """Return what people call each right, by its id."""
    return {asset.id: told_apart(asset) for asset in assets}


def cited_by(due: Iterable[StoredObligation]) -> tuple[str, ...]:
    """Return the articles that the obligations rest on, each once."""
    return tuple(dict.fromkeys(str(citation) for item in due for citation in citations_of(item)))


def export_buttons() -> tuple[Choice, ...]:
    """Return the buttons that hand the deadlines out as files."""
    return (
        button(say("export.ics_button"), Verb.START, "export_ics"),
        button(say("export.xlsx_button"), Verb.START, "export_xlsx"),
    )


def _row(item: StoredObligation, name: str, today: date) -> tuple[str, ...]:
    return (item.title, name, format_day(item.safe), format_day(item.legal), amount_today(item, today))


def amount_today(item: StoredObligation, today: date) -> str:
    """Return what paying costs today: after the last day the amount is no longer that of paying in time."""
    if item.amount_fen is None:
        return "—"
    ends = max(item.grace_end or item.legal, details_of(item).grace_legal or item.legal)
    if today > ends:
        return say("my_deadlines.grace_over")
    step = details_of(item).step_on(today)
    if step is None or step.surcharge_fen == 0:
        return format_yuan(item.amount_fen)
    if step.total_fen is None:
        return "—"
    return say("my_deadlines.late_amount", total=format_yuan(step.total_fen))


@step("my deadlines: nothing kept")
def nothing_kept(turn: Turn) -> Response:
    """The empty state: how to begin."""
    return reply(
        turn.conversation,
        say("my_deadlines.empty"),
        button(say("asset.add_button"), Verb.START, "add_another_asset"),
    )


@step("my deadlines: nothing due")
def nothing_due(turn: Turn) -> Response:
    """Rights are kept, but nothing is due or a day is still missing."""
    return reply(
        turn.conversation,
        say("my_deadlines.nothing_due", count=len(turn.world.assets)),
        button(say("asset.another_button"), Verb.START, "add_another_asset"),
    )
