"""An answer as a PDF: what was asked, what was answered, what it rests on, as of which day and which revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.channels.texts import TEXTS
from bot.papers.paper import Paper
from bot.papers.printer import HEADING, ROOM, SMALL, TEXT
from bot.pictures.canvas import SOFT
from bot.pictures.picture import Drawable, draw
from bot.pictures.tables import columns_of
from rules.days import format_day
from store.messages import CardPart, ChartPart, CitationPart, Outgoing, Part, TablePart, TextPart
from store.sources import by_source

_CHART_WIDTH = 300.0
_GAP = 9.0
_LONGEST_TITLE = 30


@dataclass(frozen=True, slots=True)
class PrintedAnswer:
    """What goes on the paper. `revision` is empty where the answer was not computed from rules."""

    messages: tuple[Outgoing, ...]
    answered_on: date
    question: str = ""
    revision: str = ""


def title_of(messages: Sequence[Outgoing]) -> str:
    """Return what the answer is about: the first title in it, else its first line when that is short."""
    parts = [part for message in messages for part in message.parts]
    titles = (part.title for part in parts if isinstance(part, CardPart | ChartPart | TablePart))
    lines = (part.text.split("\n")[0].rstrip("。：:") for part in parts if isinstance(part, TextPart))
    named = next(filter(None, titles), "") or next(filter(None, lines), "")
    return named if 0 < len(named) <= _LONGEST_TITLE else TEXTS.say("paper.title")


def answer_pdf(answer: PrintedAnswer, now: datetime) -> bytes:
    """Return the PDF. Raises NoFontError."""
    paper = Paper(
        title_of(answer.messages), TEXTS.say("picture.name"), TEXTS.say("paper.no_advice"), made_at=now
    )
    if answer.question:
        paper.paragraph(TEXTS.say("paper.asked", question=answer.question), TEXT, SOFT)
        paper.gap(_GAP)
    parts = [part for message in answer.messages for part in message.parts]
    for part in parts:
        if not isinstance(part, CitationPart):
            _write(paper, part)
    cited = [part for part in parts if isinstance(part, CitationPart)]
    _rests_on(paper, cited)
    _about(paper, answer, cited)
    return paper.pdf()


def _write(paper: Paper, part: Part) -> None:
    match part:
        case TextPart(text=text):
            for paragraph in text.strip().split("\n"):
                paper.paragraph(paragraph) if paragraph else paper.gap(5)
        case CardPart():
            paper.paragraph(part.title, HEADING)
            paper.pairs(part.lines)
            for note in part.note.splitlines():
                paper.paragraph(note, SMALL, SOFT)
        case TablePart():
            if part.title:
                paper.paragraph(part.title, HEADING)
            _table(paper, part)
        case ChartPart():
            paper.picture(draw(Drawable(part)), _CHART_WIDTH)
            paper.paragraph(part.alt, SMALL, SOFT)
        case _:
            return
    paper.gap(_GAP)


def _table(paper: Paper, table: TablePart) -> None:
    widths = columns_of(table, TEXT, ROOM - 8, 10)
    if widths is not None:
        paper.table(table.columns, widths, table.rows)
        return
    for row in table.rows:
        paper.pairs(list(zip(table.columns, row, strict=True)))
        paper.gap(4)
        paper.rule()
        paper.gap(4)


def _rests_on(paper: Paper, cited: Sequence[CitationPart]) -> None:
    citations = [citation for part in cited for citation in part.citations]
    if not citations:
        return
    paper.paragraph(TEXTS.say("paper.rests_on"), HEADING)
    for number, citation in enumerate(by_source(citations), 1):
        paper.paragraph(f"{number}. {citation}")
    paper.gap(_GAP)


def _about(paper: Paper, answer: PrintedAnswer, cited: Sequence[CitationPart]) -> None:
    days = list(dict.fromkeys(part.as_of for part in cited if part.as_of))
    lines = [TEXTS.say("paper.as_of", day="、".join(days))] if days else []
    lines.append(TEXTS.say("paper.answered", day=format_day(answer.answered_on)))
    if answer.revision:
        lines.append(TEXTS.say("paper.revision", revision=answer.revision[:12]))
    paper.rule()
    paper.gap(5)
    for line in lines:
        paper.paragraph(line, SMALL, SOFT)
