"""What is told of the docket as a whole: a list that was kept, a file that was made, a link that was opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.dialogue.effects import FileForm
from bot.dialogue.topics.my_deadlines import cited_by, due_table, export_buttons, late_note
from bot.dialogue.turn import asking_for, button, say
from rules.days import format_day
from store.asset_lists import Entry, Listed
from store.messages import CitationPart, DocumentPart, Outgoing, Part, TextPart, Verb
from store.records import Asset, StoredObligation

MOST_DUE = 10


def list_kept(
    entries: Sequence[Entry],
    written: Sequence[Asset],
    due: Sequence[StoredObligation],
    same: int,
    today: date,
) -> Outgoing:
    """Return what keeping a list came to, and what is due next for its rights. `same` rows more were kept already."""
    counts = {listed: sum(entry.listed is listed for entry in entries) for listed in Listed}
    counts[Listed.SAME] += same
    named = [
        say(f"list.kept_{listed.value}", count=count)
        for listed, count in counts.items()
        if count and listed is not Listed.REFUSED
    ]
    parts: list[Part] = [TextPart(text=say("list.kept", counts="，".join(named)))]
    ahead = sorted(due, key=lambda one: (one.safe, one.id))
    late = late_note(ahead, today)
    if late:
        parts.append(TextPart(text=late))
    if ahead:
        parts.append(due_table(say("list.due_title"), ahead[:MOST_DUE], written, today))
        if len(ahead) > MOST_DUE:
            parts.append(TextPart(text=say("my_deadlines.more", count=len(ahead) - MOST_DUE)))
        parts.append(CitationPart(citations=cited_by(ahead[:MOST_DUE]), as_of=format_day(today)))
    else:
        parts.append(TextPart(text=say("list.nothing_due")))
    choices = (asking_for(say("asset.list_button"), say("asset.list_button")), *export_buttons())
    return Outgoing(parts=tuple(parts), choices=choices, intent="add_asset")


def docket_title(company_name: str) -> str:
    """Return what the calendar and the spreadsheet are called."""
    return say("export.title", company=company_name) if company_name else say("export.title_own")


def file_name(form: FileForm, company_name: str, today: date) -> str:
    """Return the name of the file, safe on every system."""
    plain = "".join(letter for letter in company_name if letter.isalnum())[:40]
    return "-".join(part for part in (say(f"export.{form.value}_name"), plain, today.isoformat()) if part) + (
        f".{form.value}"
    )


def file_made(form: FileForm, document: DocumentPart, shown: int, left_out: int) -> Outgoing:
    """Return the message that brings the file."""
    words = [say(f"export.{form.value}_made", count=shown)]
    if left_out:
        words.append(say("export.left_out", shown=shown, count=left_out))
    return Outgoing(parts=(TextPart(text="\n".join(words)), document), intent="my_deadlines")


def feed_opened(link: str, *, again: bool) -> Outgoing:
    """Return the one message that shows the link, with how to end it."""
    words = say("feed.renewed" if again else "feed.opened", link=link)
    close = button(say("feed.close_button"), Verb.CONFIRM, "close_feed")
    return Outgoing.say(words, close).model_copy(update={"intent": "my_deadlines"})
