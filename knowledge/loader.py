"""Load the content: texts by path become one frozen knowledge base, or a list of every problem with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from knowledge.base import Evaluated, KnowledgeBase
from knowledge.forms import (
    AgenciesFile,
    Agency,
    Answer,
    FaqEntry,
    FaqFile,
    Guide,
    Office,
    OfficesFile,
    Section,
    SourcesFile,
)
from knowledge.intent_examples import FOLDER as INTENT_FOLDER
from knowledge.law_tables import FOLDERS as LAW_FOLDERS
from knowledge.problems import KnowledgeError, Problem
from rules.deadlines.errors import TableError
from rules.deadlines.tables import LawTables
from rules.document import DecisionTable, RuleDocument, Score, parse_document, schema_error
from rules.errors import DocumentError
from rules.facts import FactDefinition, FactDictionary
from rules.form import Source
from rules.tree import Model
from rules.yaml_text import YamlText, nearest, read_yaml

__all__ = [
    "KnowledgeBase",
    "KnowledgeError",
    "build_knowledge",
    "content_hash",
    "load_knowledge",
    "read_texts",
]

FACT_FOLDER: Final = "facts"
MAX_BYTES: Final = 2 * 2**20
CONTENT_FOLDERS: Final = (
    "policies",
    "pledge",
    "insurance",
    "disputes",
    "custody",
    "valuation",
    "review",
    "portfolio",
    "agencies",
    "faq",
)
ALL_FOLDERS: Final = (FACT_FOLDER, *CONTENT_FOLDERS, *LAW_FOLDERS, INTENT_FOLDER)
_READ_FORMS: Final[dict[str, type[Model]]] = {
    "sources/1": SourcesFile,
    "faq/1": FaqFile,
    "agencies/1": AgenciesFile,
    "offices/1": OfficesFile,
    "guide/1": Guide,
}
_READ_MODELS: Final[tuple[type[Model], ...]] = (
    *_READ_FORMS.values(),
    FaqEntry,
    Agency,
    Office,
    Section,
    Source,
)
_READ_FIELDS: Final = frozenset(
    field.alias or name for model in _READ_MODELS for name, field in model.model_fields.items()
)
_FACT_FIELDS: Final = frozenset(field.alias or name for name, field in FactDefinition.model_fields.items())
_FACTS: Final = TypeAdapter(dict[str, FactDefinition])
_Item = TypeVar("_Item", RuleDocument, DecisionTable, Score)


def load_knowledge(root: Path) -> KnowledgeBase:
    """Return the knowledge base of a folder. Raises KnowledgeError with every problem found."""
    return build_knowledge(read_texts(root))


def read_texts(root: Path, folders: Iterable[str] = ALL_FOLDERS) -> dict[str, str]:
    """Return the content files in the folders below `root` as texts by relative path. Raises KnowledgeError."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for folder in folders:
        for path in sorted((root / folder).glob("*.yaml")):
            name = f"{folder}/{path.name}"
            try:
                texts[name] = read_text(path, name)
            except DocumentError as error:
                problems.append(Problem.of(error))
    if not texts and not problems:
        problems.append(Problem(root.name, 1, 1, "", "这个文件夹里没有知识文件", "检查路径"))
    if problems:
        raise KnowledgeError(problems)
    return texts


def read_text(path: Path, name: str) -> str:
    """Return the text of a content file, known as `name`. Raises DocumentError when it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(name, 1, 1, "", f"文件超过{MAX_BYTES // 2**20} MB", "拆成几个文件")
        content = path.read_bytes()
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = (
            len(content[content.rfind(b"\n", 0, error.start) + 1 : error.start].decode(errors="replace")) + 1
        )
        raise DocumentError(name, line, column, "", "文件不是 UTF-8 编码", "另存为 UTF-8") from None
    except FileNotFoundError:
        raise DocumentError(name, 1, 1, "", "没有这个文件", "检查路径") from None
    except OSError as error:
        raise DocumentError(name, 1, 1, "", f"文件读不出来：{error.strerror}", "检查路径和权限") from None


def read_facts(text: str, name: str) -> tuple[YamlText, dict[str, FactDefinition]]:
    """Return the fact definitions of a text, with their places. Raises DocumentError."""
    yaml = read_yaml(text, name)
    if not isinstance(yaml.data, dict) or not all(isinstance(fields, dict) for fields in yaml.data.values()):
        raise yaml.error(
            (), "事实文件要写成“名字: {字段: 值}”", "例如 注册地: {type: enum, values: [...], ask: ...}"
        )
    named = {fact: {**fields, "name": fact} for fact, fields in yaml.data.items()}
    try:
        return yaml, _FACTS.validate_python(named)
    except ValidationError as error:
        raise schema_error(yaml, error, _FACT_FIELDS) from None


def read_document(text: str, name: str) -> tuple[YamlText, Evaluated | Model]:
    """Return a rule, table, score, or a file that is only read, with its places. Raises DocumentError."""
    yaml = read_yaml(text, name)
    form = yaml.data.get("schema") if isinstance(yaml.data, dict) else None
    if not isinstance(form, str) or form not in _READ_FORMS:
        return yaml, parse_document(text, name)
    try:
        return yaml, _READ_FORMS[form].model_validate(yaml.data)
    except ValidationError as error:
        raise schema_error(yaml, error, _READ_FIELDS) from None


def content_hash(texts: Mapping[str, str]) -> str:
    """Return the name of a content: the first 16 digits of SHA-256 over all paths and texts."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{texts[name]}\0".encode())
    return digest.hexdigest()[:16]


def build_knowledge(texts: Mapping[str, str]) -> KnowledgeBase:
    """Return the knowledge base of texts by relative path. Raises KnowledgeError with every problem found."""
    return _Builder(texts).build()


class _Builder:
    """Reads file after file, keeping what is sound and every problem."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.problems: list[Problem] = []
        self.files: dict[str, str] = {}
        self.facts: dict[str, FactDefinition] = {}
        self.evaluated: dict[str, Evaluated] = {}
        self.read: list[tuple[YamlText, Model]] = []
        self.sources: dict[str, Source] = {}
        self.answers: dict[str, Answer] = {}
        self.agencies: dict[str, Agency] = {}
        self.offices: dict[str, Office] = {}
        self.guides: dict[str, Guide] = {}

    def build(self) -> KnowledgeBase:
        """Return the knowledge base. Raises KnowledgeError."""
        for name in sorted(self.texts):
            folder = name.partition("/")[0]
            if folder == FACT_FOLDER:
                self._guarded(self._read_facts, name)
            elif folder in CONTENT_FOLDERS:
                self._guarded(self._read_document, name)
        law = self._guarded(self._read_law, "")
        self._take_sources()
        self._take_what_is_read()
        if self.problems or law is None:
            raise KnowledgeError(self.problems)
        return KnowledgeBase(
            hash=content_hash(self.texts),
            facts=FactDictionary(self.facts.values()),
            rules=self._evaluated(RuleDocument),
            tables=self._evaluated(DecisionTable),
            scores=self._evaluated(Score),
            faq=MappingProxyType(self.answers),
            agencies=MappingProxyType(self.agencies),
            offices=MappingProxyType(self.offices),
            guides=MappingProxyType(self.guides),
            sources=MappingProxyType(self.sources),
            law=law,
            files=MappingProxyType(self.files),
        )

    def _evaluated(self, kind: type[_Item]) -> Mapping[str, _Item]:
        found = {name: document for name, document in self.evaluated.items() if isinstance(document, kind)}
        return MappingProxyType(dict(sorted(found.items())))

    def _guarded(self, work: Callable[[str], Any], name: str) -> Any:
        try:
            return work(name)
        except (DocumentError, TableError) as error:
            self.problems.append(Problem.of(error))
            return None

    def _report(self, yaml: YamlText, path: Iterable[str | int], message: str, mend: str = "") -> None:
        self.problems.append(Problem.of(yaml.error(path, message, mend)))

    def _read_facts(self, name: str) -> None:
        yaml, definitions = read_facts(self.texts[name], name)
        for fact, definition in definitions.items():
            if self._claim(yaml, (fact,), f"事实 {fact}"):
                self.facts[fact] = definition

    def _read_document(self, name: str) -> None:
        yaml, document = read_document(self.texts[name], name)
        if not isinstance(document, RuleDocument | DecisionTable | Score):
            self.read.append((yaml, document))
        elif self._claim(yaml, ("id",), document.id):
            self.evaluated[document.id] = document

    def _read_law(self, _: str) -> LawTables:
        return LawTables.parse(
            {name: text for name, text in self.texts.items() if name.partition("/")[0] in LAW_FOLDERS}
        )

    def _take_sources(self) -> None:
        for yaml, model in self.read:
            if isinstance(model, SourcesFile):
                for key, source in model.sources.items():
                    if self._claim(yaml, ("sources", key), f"出处 {key}"):
                        self.sources[key] = source

    def _take_what_is_read(self) -> None:
        for yaml, model in self.read:
            match model:
                case FaqFile():
                    for entry in self._sound(yaml, "answers", model.answers):
                        self.answers[entry.id] = Answer.of(entry, model.intent, self.sources)
                case AgenciesFile():
                    self.agencies |= {
                        agency.id: agency for agency in self._sound(yaml, "agencies", model.agencies)
                    }
                case OfficesFile():
                    self.offices |= {
                        office.id: office for office in self._sound(yaml, "offices", model.offices)
                    }
                case Guide():
                    for index, section in enumerate(model.sections):
                        self._check_cite(yaml, ("sections", index), section.cite)
                    if self._claim(yaml, ("id",), model.id):
                        self.guides[model.id] = model

    def _sound(self, yaml: YamlText, field: str, items: Iterable[Any]) -> list[Any]:
        """Return the items whose sources are registered and whose ids are free; report the others."""
        sound = []
        for index, item in enumerate(items):
            cited = self._check_cite(yaml, (field, index), item.cite)
            if self._claim(yaml, (field, index, "id"), item.id) and cited:
                sound.append(item)
        return sound

    def _check_cite(self, yaml: YamlText, path: tuple[str | int, ...], cite: Iterable[str]) -> bool:
        strays = [reference for reference in cite if reference.partition("#")[0] not in self.sources]
        for reference in strays:
            mend = nearest(reference.partition("#")[0], self.sources) or "先在 faq/sources.yaml 里登记"
            self._report(yaml, (*path, "cite"), f"出处“{reference}”没有登记", mend)
        return not strays

    def _claim(self, yaml: YamlText, path: tuple[str | int, ...], name: str) -> bool:
        """Return whether the name was free; report it otherwise."""
        line, _ = yaml.place(path)
        here = f"{yaml.name}:{line}"
        other = self.files.setdefault(name, here)
        if other != here:
            self._report(yaml, path, f"“{name}”在 {other} 里已经用了", "换一个名字，或删去其中一个")
        return other == here
