"""Rule documents (schema rules/1), and reading any knowledge document that is evaluated from YAML text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from rules.amount_form import Amount
from rules.errors import DocumentError
from rules.form import Document, Expectation, InlineTest, Period, Source, Strings, Version
from rules.score_form import Score
from rules.table_form import DecisionTable
from rules.tree import Cites, Model, Node, conditions
from rules.yaml_text import Path, YamlText, nearest, read_yaml

__all__ = [
    "Amount",
    "DecisionTable",
    "Document",
    "Expectation",
    "InlineTest",
    "Paper",
    "Period",
    "RuleDocument",
    "RuleVersion",
    "Score",
    "Source",
    "Window",
    "parse_document",
]


class Window(Period):
    """A time in which one may apply."""

    name: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_a_start(self) -> Self:
        if self.start is None:
            raise ValueError("申报窗口要写 from")
        return self


class Paper(Model):
    """A paper to hand in."""

    name: str = Field(min_length=1)
    note: str = ""
    cite: Cites | None = None


def _paper(raw: Any) -> Any:
    return {"name": raw} if isinstance(raw, str) else raw


class RuleVersion(Version):
    """What a rule says during one period."""

    windows: tuple[Window, ...] = ()
    require: Node
    amount: Amount | None = None
    benefit: str = ""  # what one gets, where it is not an amount
    papers: tuple[Annotated[Paper, BeforeValidator(_paper)], ...] = ()
    steps: Strings = ()
    office: str = ""  # where to apply or ask
    deadline_hint: str = ""
    next_if_no: Strings = ()
    notes: Strings = ()

    @model_validator(mode="after")
    def _nodes_are_distinct(self) -> Self:
        ids = [condition.id for condition in conditions(self.require)]
        if repeated := [name for name in ids if ids.count(name) > 1]:
            raise ValueError(f"条件“{repeated[0]}”写了两次")
        names = [window.name for window in self.windows]
        if len(set(names)) != len(names):
            raise ValueError("申报窗口的名字重复")
        return self

    def window_on(self, day: date) -> Window | None:
        """Return the window open on the day."""
        return next((window for window in self.windows if window.holds(day)), None)

    def window_after(self, day: date) -> Window | None:
        """Return the next window to open after the day."""
        later = [window for window in self.windows if window.starts_after(day)]
        return min(later, key=lambda window: window.start or date.max, default=None)


class RuleDocument(Document):
    """A dated, cited rule that turns facts into a result."""

    form: Literal["rules/1"] = Field(alias="schema")
    versions: tuple[RuleVersion, ...] = Field(min_length=1)

    @property
    def periods(self) -> tuple[RuleVersion, ...]:
        """Return the versions."""
        return self.versions


_FORMS: Final[dict[str, type[RuleDocument | DecisionTable | Score]]] = {
    "rules/1": RuleDocument,
    "table/1": DecisionTable,
    "score/1": Score,
}


def parse_document(text: str, name: str) -> RuleDocument | DecisionTable | Score:
    """Return the document read from YAML text. Raises DocumentError with line, column, field and a mend."""
    yaml = read_yaml(text, name)
    if not isinstance(yaml.data, dict):
        raise yaml.error((), "文件最外层要是“键: 值”", "以 schema: rules/1 开头")
    form = yaml.data.get("schema")
    model = _FORMS.get(form) if isinstance(form, str) else None
    if model is None:
        mend = nearest(str(form), _FORMS) or f"可用：{'、'.join(_FORMS)}"
        raise yaml.error(("schema",), f"不认识的 schema“{form}”", mend)
    try:
        document = model.model_validate(yaml.data)
    except ValidationError as error:
        raise schema_error(yaml, error, _field_names(model)) from None
    check_references(yaml, document)
    document.remember(yaml)
    return document


def schema_error(yaml: YamlText, error: ValidationError, fields: frozenset[str]) -> DocumentError:
    """Return the first thing wrong as an error with place, field and a proposed mend."""
    details = error.errors()
    # A list whose items are wrong is also reported as too short: the item is what the author must mend.
    details = [
        detail for detail in details if detail["type"] != "too_short" or not detail["input"]
    ] or details
    first = min(details, key=lambda detail: yaml.place(detail["loc"]))
    path: Path = tuple(step for step in first["loc"] if not str(step).startswith("<"))
    message, mend = _explain(first, fields)
    return yaml.error(path, message, mend)


def _explain(detail: ErrorDetails, fields: frozenset[str]) -> tuple[str, str]:
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "missing":
            return f"缺少“{last}”", f"补上 {last}:"
        case "extra_forbidden":
            return f"没有“{last}”这个字段", nearest(last, fields - {last}) or "删去它"
        case "enum" | "literal_error":
            return f"“{detail['input']}”不是可用的取值", f"可用：{detail.get('ctx', {}).get('expected', '')}"
        case "value_error":
            return str(detail.get("ctx", {}).get("error", detail["msg"])), ""
        case "node":
            return detail["msg"], "检查缩进，或改用 all: [...] 把几个条件并列"
        case _:
            return f"取值不对：{detail['msg']}", f"现在写的是 {str(detail['input'])[:60]!r}"


def check_references(yaml: YamlText, document: Document) -> None:
    """Raise DocumentError for the first `cite` that names no source of the document."""
    for path, cite in _cites(yaml.data, ()):
        references = cite if isinstance(cite, list) else [cite]
        for reference in references:
            source = str(reference).partition("#")[0]
            if source not in document.sources:
                mend = nearest(source, document.sources) or f"可用：{'、'.join(document.sources)}"
                raise yaml.error(path, f"出处“{reference}”没有列在 sources 里", mend)


def _cites(data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "cite":
                yield (*path, key), value
            else:
                yield from _cites(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _cites(value, (*path, index))


def _field_names(model: type[Model]) -> frozenset[str]:
    names: set[str] = set()
    for kind in (model, *_all_models(Model)):
        names.update(field.alias or name for name, field in kind.model_fields.items())
    return frozenset(names)


def _all_models(model: type[Model]) -> Iterator[type[Model]]:
    for kind in model.__subclasses__():
        yield kind
        yield from _all_models(kind)
