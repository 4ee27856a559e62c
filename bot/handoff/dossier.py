"""Everything a person needs to take over a talk, on one phone screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.dialogue.goals.add_asset import told_apart
from bot.handoff.routing import days_left
from bot.handoff.wording import left_text
from rules.days import NINGBO, format_day
from store.case_records import Case, CaseEvent, CaseEventKind
from store.messages import CardPart, CitationPart, IncomingKind, TextPart
from store.records import Answer, Asset, Attachment, Company, InboxItem, OutboxItem
from store.sources import by_source

MAX_WORDS = 3  # messages of the owner
MAX_CHARACTERS = 120  # of one message; the whole text stands in the timeline
MAX_ANSWERS = 3
MAX_ASSETS = 3
MAX_EVIDENCE = 5
_HASH_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Told:
    """What one message of the bot told: how it begins, and what it rests on."""

    beginning: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer the bot gave: to which question, what it told, under which citations, true for which day."""

    question: str
    beginning: str  # of what was told; empty where the message is no longer kept
    citations: tuple[str, ...]
    as_of: date
    revision: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file the owner sent, known by its hash."""

    attachment_id: int
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """What the owner agreed to pass on, and when."""

    data: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known when a person takes over. `words` are the owner's own, oldest first."""

    case_id: int
    company: str
    demo: bool
    topic: str
    summary: str
    assets: tuple[str, ...]
    more_assets: int
    statutory_day: date | None
    days_left: int | None
    words: tuple[str, ...]
    answered: tuple[Answered, ...]
    evidence: tuple[Evidence, ...]
    consent: ConsentGiven | None


def compose(
    case: Case,
    company: Company,
    assets: Sequence[Asset],
    talk: Sequence[InboxItem],
    answers: Sequence[Answer],
    evidence: Sequence[Attachment],
    events: Sequence[CaseEvent],
    today: date,
    told: Mapping[int, Told] | None = None,
) -> Dossier:
    """Return the dossier. `answers` come newest first, `talk` oldest first, as the repositories return them.

    `told` holds what was sent in answer, by the id of the message answered.
    """
    words = [
        item.content.text
        for item in talk
        if item.content.kind is IncomingKind.TEXT and item.content.text.strip()
    ]
    return Dossier(
        case_id=case.id,
        company=company.name,
        demo=company.demo,
        topic=case.topic,
        summary=case.summary,
        assets=tuple(_asset(asset) for asset in assets[:MAX_ASSETS]),
        more_assets=max(0, len(assets) - MAX_ASSETS),
        statutory_day=case.statutory_day,
        days_left=days_left(case.statutory_day, today),
        words=tuple(words[-MAX_WORDS:]),
        answered=_answered(answers, told or {}),
        evidence=tuple(Evidence(file.id, file.filename, file.sha256) for file in evidence[:MAX_EVIDENCE]),
        consent=consent_of(events),
    )


def told_in(sent: Sequence[OutboxItem], until: datetime) -> dict[int, Told]:
    """Return what was told up to then, by the id of the message answered; of several messages the first that cites."""
    told: dict[int, Told] = {}
    for item in sent:
        if item.inbox_id is None or item.edits_id is not None or item.created_at > until:
            continue
        cited = next((part for part in item.content.parts if isinstance(part, CitationPart)), None)
        words = next((part.text for part in item.content.parts if isinstance(part, TextPart)), "")
        if cited is not None:
            told.setdefault(item.inbox_id, Told(words, cited.citations))
    return told


def _answered(answers: Sequence[Answer], told: Mapping[int, Told]) -> tuple[Answered, ...]:
    """Return the answers as they were sent, newest first, each once; where that is not kept, what is recorded."""
    found: dict[Answered, None] = {}
    for answer in answers:
        sent = told.get(answer.inbox_id or 0) or Told("", citations_of(answer.results))
        found[Answered(answer.question, sent.beginning, sent.citations, answer.as_of, answer.revision)] = None
    return tuple(found)[:MAX_ANSWERS]


def _asset(asset: Asset) -> str:
    """Return `发明专利 202010293847.9 一种模具`; a right without a number is told by its first day."""
    return " ".join(part for part in (told_apart(asset), asset.name) if part)


def citations_of(results: Sequence[Any]) -> tuple[str, ...]:
    """Return the citations named anywhere in an answer's results, each once, in order."""
    found: dict[str, None] = {}

    def walk(value: Any, under: str) -> None:
        if isinstance(value, dict):
            if under in ("citation", "citations") and "title" in value:
                found[f"《{str(value['title']).strip('《》')}》{value.get('article') or ''}"] = None
                return
            for key, inner in value.items():
                walk(inner, str(key))
        elif isinstance(value, (list, tuple)):
            for inner in value:
                walk(inner, under)
        elif isinstance(value, str) and under in ("citation", "citations"):
            found[value] = None

    walk(list(results), "")
    return tuple(found)


def consent_of(events: Sequence[CaseEvent]) -> ConsentGiven | None:
    """Return the consent recorded with the request."""
    for event in events:
        if event.kind is CaseEventKind.REQUESTED and "consent" in event.data:
            consent = event.data["consent"]
            return ConsentGiven(tuple(consent["data"]), datetime.fromisoformat(consent["at"]))
    return None


def shorten(words: str) -> str:
    """Return the words as they are, or their beginning and how many there are."""
    if len(words) <= MAX_CHARACTERS:
        return words
    return f"{words[:MAX_CHARACTERS]}…（共{len(words)}字）"


def as_card(dossier: Dossier, today: date) -> CardPart:
    """Return the dossier as a card for a chat."""
    day = dossier.statutory_day
    deadline = left_text(day, today) + (f"（{format_day(day)}）" if day else "")
    more = f"，另有{dossier.more_assets}项" if dossier.more_assets else ""
    lines = [
        ("企业", dossier.company or "未登记名称"),
        ("权利", "；".join(dossier.assets) + more if dossier.assets else "未登记"),
        ("期限", deadline),
        ("摘要", dossier.summary),
        *(("原话", shorten(words)) for words in dossier.words),
        *(
            (
                "已答",
                f"{shorten(answer.beginning or answer.question)}"
                f"（{'；'.join(by_source(answer.citations)) or '无引用'}）",
            )
            for answer in dossier.answered
        ),
        *(("材料", f"{file.filename}（{file.sha256[:_HASH_SHOWN]}）") for file in dossier.evidence),
        ("授权", _consent(dossier.consent)),
    ]
    return CardPart(
        title=f"工单{dossier.case_id}", lines=tuple((label, value) for label, value in lines if value)
    )


def _consent(consent: ConsentGiven | None) -> str:
    if consent is None:
        return "没有记录"
    at = consent.at.astimezone(NINGBO)
    return f"{'、'.join(consent.data)}（{format_day(at.date())}{at:%H:%M}）"
