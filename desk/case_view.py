"""What the case page shows: the dossier and the timeline, read in one go in the name of who looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from bot.handoff.dossier import Dossier
from bot.handoff.dossier_reading import read_dossier
from bot.handoff.letters import letter_key
from bot.handoff.wording import URGENT_DAYS, left_text
from desk import frame
from desk.files import may_be_picture, preview_link
from desk.parts import Part
from desk.visit import Visit
from desk.words import CASE_EVENTS, OUTBOX_STATES, TEXTS, at
from rules.days import format_day
from store.case_records import WAITING_STATES, Case, CaseEvent, CaseEventKind
from store.records import Attachment, OutboxState, Person
from store.sources import by_source


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case as its agency sees it. `dossier` is None once the case has left the agency's hands, and no file is seen."""

    case: Case
    dossier: Dossier | None
    events: list[CaseEvent]
    outcomes: dict[str, OutboxState]
    colleagues: list[Person]
    files: dict[int, Attachment]


async def read_case(visit: Visit, case_id: int) -> CaseView:
    """Return the case. Raises NotVisibleError, SignedOutError."""
    asker = visit.asker
    async with visit.reading() as tx:
        cases = tx.cases(asker)
        case = await cases.get(case_id)
        events = await cases.events(case_id)
        dossier = None
        if case.with_person or case.state in WAITING_STATES:
            dossier = await read_dossier(tx, case, asker, visit.deps.today())
        staff = await tx.people.staff(visit.person.role, visit.person.agency_id)
        evidence = [] if dossier is None else [file.attachment_id for file in dossier.evidence]
        sent = [number for event in events for number in _files_of(event)]
        files = await tx.attachments(asker).seen_among([*evidence, *sent])
        return CaseView(case, dossier, events, await cases.outcomes(case_id), staff, files)


def _files_of(event: CaseEvent) -> list[int]:
    found = event.data.get("attachment_ids") or [event.data.get("attachment_id")]
    return [number for number in found if number is not None]


def draw_dossier(view: CaseView, visit: Visit) -> None:
    """Draw everything known on one phone screen."""
    dossier = view.dossier
    if dossier is None:
        return
    today = visit.deps.today()
    left = dossier.days_left
    urgency = "" if left is None or left > URGENT_DAYS else "desk-late" if left < 0 else "desk-near"
    day = f"（{format_day(dossier.statutory_day)}）" if dossier.statutory_day else ""
    with ui.card().classes("desk-card"):
        ui.label(dossier.company or "未登记名称的企业").classes("desk-title")
        if dossier.demo:
            ui.badge("演示数据", color="orange")
        frame.pair("期限", f"{left_text(dossier.statutory_day, today)}{day}", urgency)
        more = f"；另有{dossier.more_assets}项" if dossier.more_assets else ""
        frame.pair("权利", ("；".join(dossier.assets) or "未登记") + more)
        frame.pair("摘要", dossier.summary)
        for words in dossier.words:
            frame.pair("原话", f"“{words}”")
        for answer in dossier.answered:
            cited = "；".join(by_source(answer.citations)) or "没有引用"
            asked = answer.question and f"问：{answer.question}"
            based = f"依据：{cited}（截至{format_day(answer.as_of)}）"
            frame.pair("已答", "\n".join(filter(None, (asked, answer.beginning, based))))
        for file in dossier.evidence:
            with ui.element("div").classes("desk-pair"):
                ui.label("材料")
                with ui.column().classes("gap-0"):
                    _draw_file(view.files.get(file.attachment_id), file.filename)
                    ui.label(f"SHA-256 {file.sha256}").classes("desk-soft desk-words")
        consent = dossier.consent
        given = "没有记录" if consent is None else f"{'、'.join(consent.data)}\n{at(consent.at)}"
        frame.pair("授权", given)


def timeline(view: CaseView) -> Iterator[Part]:
    """Yield what happened, oldest first, with what became of each message."""
    names = {person.id: person.name or person.login or "" for person in view.colleagues}
    for event in view.events:
        who = names.get(event.person_id or 0, "")
        if event.kind in (CaseEventKind.AGENT_SAID, CaseEventKind.CUSTOMER_SAID):
            yield _said(event, view, who)
        elif event.kind is CaseEventKind.REASSIGNED:
            yield _line(event, _moved(event, names))
        elif event.kind is not CaseEventKind.QUEUED or event.data.get("reason") != "requested":
            yield _line(event, _happened(event, who))


def _line(event: CaseEvent, words: str) -> Part:
    text = f"{at(event.at)} {words}"
    return Part(event.seq, text, lambda: ui.label(text).classes("desk-event"))


def _moved(event: CaseEvent, names: dict[int, str]) -> str:
    """Return who handed the case to whom, or who took it from whom."""
    now_with, by = names.get(event.person_id or 0, "同事"), event.data.get("by")
    if by == event.person_id:
        return f"{now_with}接着办（原由{names.get(event.data.get('had_it') or 0, '同事')}办）"
    return f"{names.get(by or 0, '同事')}转给{now_with}"


def _happened(event: CaseEvent, who: str) -> str:
    reason = str(event.data.get("note") or event.data.get("reason") or "")
    words = reason and (event.kind is CaseEventKind.NOTED or not reason.isascii())  # else a key of ours
    said = f"：{reason}" if words else ""
    if event.kind is CaseEventKind.PROMISED:
        said = f"：{at(datetime.fromisoformat(event.data['promised_by']))}前"
    return f"{who}{CASE_EVENTS[event.kind]}{said}"


def _said(event: CaseEvent, view: CaseView, who: str) -> Part:
    ours = event.kind is CaseEventKind.AGENT_SAID
    outcome = view.outcomes.get(letter_key(event.case_id, event.seq)) if ours else None
    state = f" · {OUTBOX_STATES[outcome]}" if outcome is not None else ""
    below = f"{who or '客户'} {at(event.at)}{state}"
    files = [view.files.get(number) for number in _files_of(event)]

    def draw() -> None:
        with ui.column().classes("desk-said ours" if ours else "desk-said"):
            if event.data.get("text"):
                ui.label(event.data["text"]).classes("desk-words")
            for file in files:
                _draw_file(file, TEXTS.say("case.file_gone"))
            if not event.data.get("text") and not files:
                ui.label("［客户发来一条没有文字的消息］")
            ui.label(below).classes("desk-soft")

    return Part(event.seq, (below, files), draw)


def _draw_file(file: Attachment | None, name: str) -> None:
    """Draw a link to the file with a small picture where it is one; its name alone where it may not be seen."""
    if file is None:
        ui.label(name).classes("desk-soft")
        return
    with ui.link(target=f"/files/{file.id}", new_tab=True).classes("desk-file"):
        if may_be_picture(file):
            picture = ui.element("img").classes("desk-picture")
            picture.props["src"], picture.props["alt"] = preview_link(file.id), ""
            picture.props("loading=lazy").on("error", js_handler="event => event.target.remove()")
        ui.label(file.filename).classes("desk-words")
