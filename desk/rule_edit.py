"""Edit one file of the content: a form for what changes often, the whole text, or a spreadsheet; checked while one writes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from nicegui import events, ui

from desk import frame
from desk.deps import DeskDeps
from desk.difference import Judged, draw_judged, judge
from desk.parts import Part, Parts, button, button_part
from desk.visit import WRITING, RefusedError, Visit, page
from desk.words import TEXTS
from knowledge.drafts import Draft
from knowledge.table_sheet import MOST_BYTES, SheetError, template, with_sheet
from knowledge.yaml_edit import EditableField, EditError, FieldKind, editable, with_value, with_window
from rules.document import DecisionTable, RuleDocument, Score, parse_document
from rules.errors import DocumentError
from store.errors import NotVisibleError

FIELDS_SHOWN: Final = 60
PAUSE: Final = 0.8  # seconds without a change after which the text is checked
_ORDER: Final = {FieldKind.DAY: 0, FieldKind.NUMBER: 1, FieldKind.TEXT: 2}
_GROUPS: Final = {FieldKind.DAY: "日期", FieldKind.NUMBER: "数字和金额", FieldKind.TEXT: "文字"}


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/draft/edit", "修改内容", frame.BUREAU, patience=WRITING)
    async def edit(visit: Visit, parameters: dict[str, Any]) -> None:
        path = str(parameters.get("file", ""))
        published = visit.editorial.service.content.documents.get(path)
        draft = visit.editorial.drafts.of_path(path)
        if published is None and draft is None:
            raise NotVisibleError(f"content file {path}")
        await _Editor(visit, path, published, draft).draw()


class _Editor:
    """The page. `text` is what would be saved; the form and the spreadsheet write into it."""

    def __init__(self, visit: Visit, path: str, published: str | None, draft: Draft | None) -> None:
        self.visit = visit
        self.path = path
        self.published = published
        self.draft = draft
        self.text = draft.text if draft else published or ""
        self.checked_text: str | None = None
        self.seen_text = self.text
        self.judged: Judged | None = None
        self.wanted = ""

    async def draw(self) -> None:
        with ui.row().classes("items-center"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/drafts")).props("flat round")
            ui.label(f"修改：{self.title()}").classes("desk-title")
        with ui.element("div").classes("desk-columns"):
            with ui.column().classes("w-full"):
                self._draw_head()
                self._draw_text()
            with ui.column().classes("w-full"):
                self.checking = ui.label(TEXTS.say("drafts.checking")).classes("desk-near")
                self.checking.set_visibility(False)
                self.results = ui.refreshable(self._draw_results)
                self.results()
        ui.timer(PAUSE, self._check_when_quiet)

    def title(self) -> str:
        """Return the document's title where it has one, else the file."""
        document = self.document()
        return self.path if document is None else document.title

    def document(self) -> RuleDocument | DecisionTable | Score | None:
        """Return the document as it is written now, or None when it cannot be read or is of another kind."""
        try:
            return parse_document(self.text, self.path)
        except DocumentError:
            return None

    def _draw_head(self) -> None:
        with ui.card().classes("desk-card"):
            frame.pair("文件", self.path)
            if self.draft is not None and self.draft.remark:
                frame.pair("意见", self.draft.remark, "desk-near")
            self.note = (
                ui.input("为什么改（文号、来源）", value=self.draft.note if self.draft else "")
                .props("outlined maxlength=300")
                .classes("w-full")
            )
            with ui.row():
                button("保存草稿", self._save, icon="save")
                if isinstance(self.document(), DecisionTable):
                    self._draw_sheet()

    def _draw_sheet(self) -> None:
        picker = ui.upload(auto_upload=True, max_file_size=MOST_BYTES, on_upload=self._take_sheet)
        picker.props('accept=".xlsx"').classes("hidden")
        picker.on("rejected", lambda: ui.notify(TEXTS.say("drafts.sheet_too_large"), type="warning"))
        ui.button("下载表格", icon="download", on_click=self._give_sheet).props("outline")
        ui.button("上传表格", icon="upload", on_click=lambda: picker.run_method("pickFiles")).props("outline")

    def _draw_text(self) -> None:
        with ui.card().classes("desk-card"):
            with ui.tabs() as tabs:
                form, whole = ui.tab("表单"), ui.tab("全文")
            with ui.tab_panels(tabs, value=form if self._fields() else whole).classes("w-full"):
                with ui.tab_panel(form).classes("q-pa-none"):
                    self.form = Parts()
                    self._show_form()
                with ui.tab_panel(whole).classes("q-pa-none"):
                    self.editor = ui.codemirror(
                        self.text, language="YAML", line_wrapping=True, on_change=self._typed
                    ).classes("desk-editor")

    def _fields(self) -> tuple[EditableField, ...] | None:
        """Return what the form offers, None when the text cannot be read."""
        if self.document() is None:
            return None
        try:
            return editable(self.text)
        except DocumentError:
            return None

    def _show_form(self) -> None:
        """Show the fields as the text has them now; one that says the same is left alone, with who writes in it."""
        self.form.show(self._form())

    def _form(self) -> Iterator[Part]:
        fields = self._fields()
        if fields is None:
            key = "drafts.form_broken" if self._is_evaluated() else "drafts.no_fields"
            yield frame.nothing(key, TEXTS.say(key))
            return
        yield Part("search", None, self._draw_search)
        found = [field for field in fields if all(word in field.where for word in self.wanted.split())]
        found.sort(key=lambda field: _ORDER[field.kind])
        shown = found[:FIELDS_SHOWN]
        for kind, label in _GROUPS.items():
            of_kind = [field for field in shown if field.kind is kind]
            if of_kind:
                yield Part(kind, None, partial(_draw_group, label))
            for field in of_kind:
                yield Part(("field", field.id), field, partial(self._draw_field, field))
        if len(found) > len(shown):
            yield frame.lead("cut", TEXTS.say("drafts.fields_cut", count=len(found) - len(shown)))
        if isinstance(self.document(), RuleDocument):
            yield button_part("增加申报窗口", self._add_window, icon="add", props="outline")

    def _draw_search(self) -> None:
        def search(event: events.ValueChangeEventArguments[Any]) -> None:
            self.wanted = str(event.value or "")
            self._show_form()

        ui.input("查找一项", value=self.wanted, on_change=search).props(
            "outlined dense clearable debounce=300"
        ).classes("w-full")

    def _is_evaluated(self) -> bool:
        return self.text.lstrip().startswith(("schema: rules/1", "schema: table/1", "schema: score/1"))

    def _draw_field(self, field: EditableField) -> None:
        box = ui.input(field.where, value=field.value).classes("w-full")
        box.props("outlined dense stack-label" + (" type=date" if field.kind is FieldKind.DAY else ""))

        written = field.value

        def write() -> None:
            nonlocal written
            value = str(box.value or "")
            if value == written:
                return
            try:
                self._set_text(with_value(self.text, field.id, value))
            except (EditError, DocumentError) as error:
                box.error = str(error)
                return
            box.error, written = None, value
            self.form.written(("field", field.id), replace(field, value=value))

        box.on("blur", write)
        box.on("keydown.enter", write)

    async def _add_window(self) -> None:
        document = self.document()
        if not isinstance(document, RuleDocument):
            return
        with ui.dialog() as dialog, ui.card().classes("w-full"):
            ui.label("增加申报窗口").classes("desk-title")
            name = ui.input("名字，例如2027年第一批").props("outlined").classes("w-full")
            start = ui.input("开始").props("outlined type=date stack-label").classes("w-full")
            end = ui.input("截止（没有公布可不填）").props("outlined type=date stack-label").classes("w-full")
            cite = ui.select(
                {key: f"{key}　{source.title}" for key, source in document.sources.items()},
                label="依据",
                value=next(iter(document.sources)),
            ).props("outlined").classes("w-full")  # fmt: skip
            with ui.row().classes("w-full justify-end"):
                ui.button("取消", on_click=lambda: dialog.submit(False)).props("flat")
                ui.button("加上", on_click=lambda: dialog.submit(True))
        said = await dialog
        dialog.delete()
        if said is True:
            values = [str(box.value or "") for box in (name, start, end, cite)]
            await self.visit.act(self._with_window(len(document.versions) - 1, *values))
            self._show_form()

    async def _with_window(self, version: int, name: str, start: str, end: str, cite: str) -> None:
        try:
            self._set_text(with_window(self.text, version, name, start, end, cite))
        except (EditError, DocumentError) as error:
            raise RefusedError(str(error)) from None

    def _set_text(self, text: str) -> None:
        self.text = text
        self.editor.set_value(text)

    def _typed(self, event: events.ValueChangeEventArguments[Any]) -> None:
        self.text = str(event.value or "")

    async def _give_sheet(self) -> None:
        await self.visit.act(self._send_sheet())

    async def _send_sheet(self) -> None:
        document = self.document()
        if not isinstance(document, DecisionTable):
            raise RefusedError(TEXTS.say("drafts.form_broken"))
        facts = self.visit.deps.knowledge().facts
        data = await asyncio.to_thread(template, self.text, document, len(document.versions) - 1, facts)
        ui.download.content(data, f"{document.id}.xlsx")

    async def _take_sheet(self, event: events.UploadEventArguments) -> None:
        data = await event.file.read()
        if await self.visit.act(self._read_sheet(data), TEXTS.say("drafts.sheet_taken")):
            self._show_form()

    async def _read_sheet(self, data: bytes) -> None:
        document = self.document()
        if not isinstance(document, DecisionTable):
            raise RefusedError(TEXTS.say("drafts.form_broken"))
        try:
            last = len(document.versions) - 1
            self._set_text(await asyncio.to_thread(with_sheet, self.text, document, last, data))
        except SheetError as error:
            raise RefusedError(str(error)) from None

    async def _check_when_quiet(self) -> None:
        """Check once the text has stood still for a moment: not at every key."""
        # What is shown is of the text before, until the check of this one has ended; the first says so itself.
        self.checking.set_visibility(self.judged is not None and self.text != self.checked_text)
        if self.text != self.seen_text:
            self.seen_text = self.text
            return
        if self.text != self.checked_text:
            await self.visit.act(self._check())

    async def _check(self) -> None:
        self.checked_text = text = self.text
        self.judged = await judge(self.visit, self.path, text)
        self.checking.set_visibility(self.text != text)
        self._mark_lines()
        self._show_form()
        self.results.refresh()

    def _mark_lines(self) -> None:
        if self.judged is None:
            return
        here = [one for one in self.judged.checked.problems if one.file == self.path]
        self.editor.line_tooltips = {one.line: one.message for one in here}

    def _draw_results(self) -> None:
        if self.judged is None:
            frame.empty(TEXTS.say("drafts.checking"))
        else:
            draw_judged(self.judged, self.path, self.editor.reveal_line)

    async def _save(self) -> None:
        if await self.visit.act(self._keep(), TEXTS.say("drafts.saved")) and self.draft is not None:
            ui.navigate.to(f"/draft/{self.draft.number}")

    async def _require_what_is_shown(self) -> None:
        """Raise RefusedError where the page shows another text than the one that came here.

        A change that is too large for one message, or holds half a character, is lost on its way without a word.
        """
        shown = await ui.run_javascript(
            f"getElement({self.editor.id})?.editor?.state.doc.length ?? null", timeout=5
        )
        if shown is not None and shown != len(self.text.encode("utf-16-le", "surrogatepass")) // 2:
            raise RefusedError(TEXTS.say("drafts.text_lost"))

    async def _keep(self) -> None:
        await self.visit.still_in()
        await self._require_what_is_shown()
        drafts, now, login = self.visit.editorial.drafts, self.visit.deps.clock(), self.visit.login
        draft = self.draft or drafts.begin(self.path, self.published, self.text, login, now)
        self.draft = drafts.edit(
            draft.number,
            draft.fingerprint,
            self.text,
            login,
            now,
            note=str(self.note.value or "").strip(),
            title=self.title(),
        )


def _draw_group(label: str) -> None:
    ui.label(label).classes("text-bold q-mt-sm")
