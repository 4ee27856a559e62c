"""Check the content before it is published: every finding with file, line, column and a proposed mend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.base import Evaluated, KnowledgeBase
from knowledge.intent_examples import FOLDER as INTENT_FOLDER
from knowledge.intent_examples import IntentExamplesError, load_intent_examples, parse_intent_examples
from knowledge.law_tables import FOLDERS as LAW_FOLDERS
from knowledge.loader import FACT_FOLDER, load_knowledge, read_document, read_facts, read_text, read_texts
from knowledge.problems import KnowledgeError, Problem
from rules.checks import check_document, check_expiry
from rules.deadlines.errors import TableError
from rules.deadlines.tables import LawTables
from rules.document import DecisionTable, RuleDocument, Score
from rules.errors import DocumentError
from rules.expressions import parse_expression
from rules.facts import FactDictionary
from rules.selftest import Finding
from rules.tree import conditions
from rules.wellformed import facts_used
from rules.yaml_text import nearest

DISTRICT_FACT = "注册地"
DOCUMENT_NUMBER = re.compile(r"〔\d{4}〕\d+号")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    rules: int = 0
    tables: int = 0
    scores: int = 0
    nodes: int = 0  # conditions of rules and rows of tables
    tests: int = 0
    answers: int = 0
    guides: int = 0
    facts: int = 0
    sources: int = 0
    citations: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """`problems` stop publication; `notices` are what falls due within 30 days and stop nothing."""

    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...] = ()
    counts: Counts = Counts()


def check_knowledge(root: Path, today: date) -> Report:
    """Return everything wrong with the content of a folder. `root` holds the folders `facts`, `policies`, ..."""
    try:
        knowledge = load_knowledge(root)
    except KnowledgeError as error:
        return Report(error.problems)
    try:
        intents = _intents(root)
    except IntentExamplesError as error:
        return Report((_of_examples(error),))
    return check_base(knowledge, today, intents)


def check_file(path: Path, root: Path, today: date) -> Report:
    """Return everything wrong with one file by itself, as it is being written.

    `root` holds the facts that it may use; what refers to other files is checked with the whole folder.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = read_text(path, name)
        if path.parent.name == FACT_FOLDER:
            return Report((), counts=Counts(facts=len(read_facts(text, name)[1])))
        if path.parent.name in LAW_FOLDERS or path.parent.name == INTENT_FOLDER:
            return _check_among_its_own(name, text, path.parent.parent)
        _, document = read_document(text, name)
        if not isinstance(document, RuleDocument | DecisionTable | Score):
            return Report(())
        facts = FactDictionary(
            definition
            for file in sorted((root / FACT_FOLDER).glob("*.yaml"))
            for definition in read_facts(read_text(file, file.name), file.name)[1].values()
        )
    except DocumentError as error:
        return Report((Problem.of(error),))
    problems = [_problem(name, found) for found in check_document(document, facts)]
    notices = [_problem(name, found) for found in check_expiry(document, today)]
    counts = Counts(
        nodes=_nodes(document), tests=len(document.tests), citations=len(list(_references(document)))
    )
    return Report(tuple(sorted(problems)), tuple(sorted(notices)), counts)


def _check_among_its_own(name: str, text: str, root: Path) -> Report:
    """Return what is wrong with a file of law tables or of examples, which are read together."""
    try:
        texts = read_texts(root, LAW_FOLDERS if name.partition("/")[0] in LAW_FOLDERS else (INTENT_FOLDER,))
        texts[name] = text
        LawTables.parse(
            {file: found for file, found in texts.items() if file.partition("/")[0] in LAW_FOLDERS}
        )
        parse_intent_examples(texts)
    except (TableError, DocumentError) as error:
        return Report((Problem.of(error),))
    except IntentExamplesError as error:
        return Report((_of_examples(error),))
    except KnowledgeError as error:
        return Report(error.problems)
    return Report(())


def _of_examples(error: IntentExamplesError) -> Problem:
    return Problem(error.file, error.line, 1, "", str(error), "照其他 intents 文件的写法改")


def check_base(knowledge: KnowledgeBase, today: date, intents: frozenset[str] = frozenset()) -> Report:
    """Return everything wrong with a loaded content. `intents` empty: the names of intents are not checked."""
    problems: list[Problem] = []
    notices: list[Problem] = []
    for document in knowledge.documents():
        file = file_of(knowledge, document.id)
        problems += [_problem(file, found) for found in check_document(document, knowledge.facts)]
        problems += [_problem(file, found) for found in _dangling(document, knowledge)]
        notices += [_problem(file, found) for found in check_expiry(document, today)]
    problems += _unused_facts(knowledge)
    problems += _unsourced_numbers(knowledge)
    problems += _read_references(knowledge, intents)
    return Report(tuple(sorted(problems)), tuple(sorted(notices)), count(knowledge))


def count(knowledge: KnowledgeBase) -> Counts:
    """Return how much the knowledge base holds."""
    documents = knowledge.documents()
    cited = [reference for document in documents for reference in _references(document)]
    return Counts(
        rules=len(knowledge.rules),
        tables=len(knowledge.tables),
        scores=len(knowledge.scores),
        nodes=sum(_nodes(document) for document in documents),
        tests=sum(len(document.tests) for document in documents),
        answers=len(knowledge.faq),
        guides=len(knowledge.guides),
        facts=len(knowledge.facts),
        sources=len(knowledge.sources) + sum(len(document.sources) for document in documents),
        citations=len(cited)
        + sum(len(answer.citations) for answer in knowledge.faq.values())
        + sum(len(section.cite) for guide in knowledge.guides.values() for section in guide.sections),
    )


def file_of(knowledge: KnowledgeBase, name: str) -> str:
    """Return the file in which an id stands."""
    return knowledge.files[name].rpartition(":")[0]


def _intents(root: Path) -> frozenset[str]:
    if not any((root / INTENT_FOLDER).glob("*.yaml")):
        return frozenset()  # a folder with rules alone
    return frozenset(group.intent for group in load_intent_examples(root))


def _problem(file: str, found: Finding) -> Problem:
    return Problem(file, found.line, found.column, found.field, found.message, found.mend)


def _nodes(document: Evaluated) -> int:
    match document:
        case RuleDocument():
            return sum(len(list(conditions(version.require))) for version in document.versions)
        case DecisionTable():
            return sum(len(version.rows) for version in document.versions)
        case Score():
            return sum(
                len(dimension.indicators) for version in document.versions for dimension in version.dimensions
            )


def _references(document: Evaluated) -> Iterator[str]:
    """Yield each citation written in the document's text."""

    def walk(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "cite":
                    yield from [inner] if isinstance(inner, str) else inner or ()
                else:
                    yield from walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                yield from walk(inner)

    yield from walk(document.model_dump(by_alias=True, exclude_none=True))


def _dangling(document: Evaluated, knowledge: KnowledgeBase) -> Iterator[Finding]:
    """Yield what `next_if_no` names and does not exist."""
    known = [item.id for item in knowledge.documents()]
    if isinstance(document, Score):
        return
    named = (
        [
            (("versions", number, "next_if_no"), name)
            for number, version in enumerate(document.versions)
            for name in version.next_if_no
        ]
        if isinstance(document, RuleDocument)
        else [(("next_if_no",), name) for name in document.next_if_no]
    )
    for path, name in named:
        if name not in known:
            line, column = document.place(path)
            yield Finding(line, column, "next_if_no", f"没有“{name}”这份规则", nearest(name, known))


def _at(here: str, field: str, message: str, mend: str = "") -> Problem:
    """Return the problem for an item whose place is known as `file:line`."""
    file, _, line = here.rpartition(":")
    return Problem(file, int(line), 1, field, message, mend)


def _unused_facts(knowledge: KnowledgeBase) -> Iterator[Problem]:
    used = frozenset[str]().union(
        *map(facts_used, knowledge.documents()), *map(_output_names, knowledge.tables.values())
    )
    for name in knowledge.facts:
        if name not in used:
            here = knowledge.files[f"事实 {name}"]
            yield _at(here, name, f"没有一份规则用到事实“{name}”", "删去它，或在规则里用上")


def _unsourced_numbers(knowledge: KnowledgeBase) -> Iterator[Problem]:
    """Yield each document number that a text names and no source bears: it may be invented or mistyped."""
    shelves = (knowledge.sources, *(document.sources for document in knowledge.documents()))
    borne = {
        number
        for shelf in shelves
        for source in shelf.values()
        for number in DOCUMENT_NUMBER.findall(f"{source.title} {source.doc_no} {source.note}")
    }
    for name, text in _texts(knowledge):
        for number in dict.fromkeys(DOCUMENT_NUMBER.findall(text)):
            if number not in borne:
                mend = "核对文号，写进所引来源的 doc_no 或 note；查不到的删去"
                yield _at(knowledge.files[name], "文号", f"没有一个来源写明文号“{number}”", mend)


def _texts(knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Yield the id and everything that people may read of each document, answer and guide."""
    for document in knowledge.documents():
        yield document.id, document.model_dump_json()
    for answer in knowledge.faq.values():
        yield answer.id, answer.text
    for guide in knowledge.guides.values():
        yield guide.id, " ".join(" ".join((section.text, *section.items)) for section in guide.sections)


def _output_names(table: DecisionTable) -> frozenset[str]:
    """Return words in the formulas of a table's outputs: facts may be used only there."""
    written = [
        str(value)
        for version in table.versions
        for row in version.rows
        for name, value in row.then.items()
        if table.outputs[name].type in ("number", "money")
    ]
    return frozenset(name for text in written for name in parse_expression(text).names)


def _read_references(knowledge: KnowledgeBase, intents: frozenset[str]) -> Iterator[Problem]:
    ids = (
        {document.id for document in knowledge.documents()} | set(knowledge.guides) | set(knowledge.law.kinds)
    )
    districts = (
        frozenset(knowledge.facts[DISTRICT_FACT].values) if DISTRICT_FACT in knowledge.facts else frozenset()
    )
    for answer in knowledge.faq.values():
        here = knowledge.files[answer.id]
        for name in answer.see:
            if name not in ids:
                yield _at(here, "see", f"没有“{name}”这份规则", nearest(name, ids))
        yield from _unknown(here, "intent", [answer.intent], intents)
    for agency in knowledge.agencies.values():
        here = knowledge.files[agency.id]
        yield from _unknown(here, "scopes", agency.scopes, intents)
        yield from _unknown(here, "districts", agency.districts, districts)
    for office in knowledge.offices.values():
        here = knowledge.files[office.id]
        yield from _unknown(here, "intents", office.intents, intents)
        yield from _unknown(here, "districts", office.districts, districts)
    for guide in knowledge.guides.values():
        yield from _unknown(knowledge.files[guide.id], "intents", guide.intents, intents)


def _unknown(here: str, field: str, names: Iterable[str], known: frozenset[str]) -> Iterator[Problem]:
    for name in names:
        if known and name not in known:
            yield _at(here, field, f"没有“{name}”", nearest(name, known))
