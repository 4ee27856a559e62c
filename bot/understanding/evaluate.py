"""How well understanding does on labelled messages it has never seen: the figures, and their one text form."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.understanding.errors import LeakedEvaluationError, UnderstandingError
from bot.understanding.intents import Intent
from bot.understanding.masks import key_of
from bot.understanding.normalise import normalise
from bot.understanding.understand import Understanding, Understood
from knowledge.intent_examples import IntentExamples

FALSE_REFUSALS = 0.05


class EvaluationFileError(UnderstandingError):
    """The evaluation file cannot be read; the message says which line and why."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with the intents that are right for it, and slots (kind → text) where the file gives them."""

    text: str
    intents: frozenset[Intent]
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one evaluation. Accuracies are of rows in scope, shares from 0 to 1, times in milliseconds
    of the processor.
    """

    rows: int
    in_scope: int
    accuracy: float
    accuracy_end_to_end: float
    top_three: float
    macro_f1: float
    false_refusals: float
    out_of_scope_recall: float
    recall_at_five_percent: float
    auroc: float
    slots_found: tuple[int, int]
    p50: float
    p99: float
    confusion: tuple[tuple[Intent, Intent, int], ...]


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Return the rows of a CSV file with columns text, intent (`a|b` accepts either) and optionally slots (JSON).

    Raises EvaluationFileError naming the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"text", "intent"} <= set(reader.fieldnames or ()):
                raise EvaluationFileError(f"{path.name}: needs the columns text and intent")
            return tuple(_labelled(path, reader.line_num, row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationFileError(f"{path.name}: {error}") from error


def _labelled(path: Path, line: int, row: Mapping[str, str]) -> Labelled:
    try:
        intents = frozenset(Intent(name.strip()) for name in row["intent"].split("|"))
        slots = json.loads(row.get("slots") or "{}")
    except (ValueError, AttributeError) as error:
        raise EvaluationFileError(f"{path.name} line {line}: {error}") from error
    if not isinstance(slots, dict):
        raise EvaluationFileError(f"{path.name} line {line}: slots must be an object of kind → text")
    return Labelled(row["text"], intents, slots)


def check_not_trained_on(rows: Iterable[Labelled], examples: Iterable[IntentExamples]) -> None:
    """Raise LeakedEvaluationError when a text, but for punctuation and script, stands among the training examples."""
    trained = {
        key_of(normalise(text).text) for group in examples for text in (*group.examples, *group.aliases)
    }
    leaked = [row.text for row in rows if key_of(normalise(row.text).text) in trained]
    if leaked:
        raise LeakedEvaluationError(
            f"{len(leaked)} evaluated texts stand in the training examples: {leaked[:5]}"
        )


def retyped(rows: Sequence[Labelled], texts: Sequence[str]) -> list[Labelled]:
    """Return the rows with other texts and the same labels. Slots are left out: they quote the text."""
    return [Labelled(text, row.intents, {}) for row, text in zip(rows, texts, strict=True)]


def evaluate(understanding: Understanding, rows: Sequence[Labelled], today: date) -> Report:
    """Return the figures of `understanding` on `rows`, read as messages of the day `today`."""
    results: list[tuple[Labelled, Understood]] = []
    times: list[float] = []
    for row in rows:
        started = time.thread_time()
        results.append((row, understanding.understand(row.text, today)))
        times.append((time.thread_time() - started) * 1000)
    inside = [(row, got) for row, got in results if Intent.OUT_OF_SCOPE not in row.intents]
    outside = [(row, got) for row, got in results if row.intents == {Intent.OUT_OF_SCOPE}]
    best = [(row, got.alternatives[0][0]) for row, got in inside]
    gates_in, gates_out = [got.gate for _, got in inside], [got.gate for _, got in outside]
    wanted = sum(len(row.slots) for row, _ in results)
    found = sum(_has_slot(got, kind, text) for row, got in results for kind, text in row.slots.items())
    return Report(
        rows=len(rows),
        in_scope=len(inside),
        accuracy=_share(intent in row.intents for row, intent in best),
        accuracy_end_to_end=_share(got.intent in row.intents for row, got in inside),
        top_three=_share(any(i in row.intents for i, _ in got.alternatives[:3]) for row, got in inside),
        macro_f1=_macro_f1([(row.intents, got.intent) for row, got in results]),
        false_refusals=_share(got.off_topic for _, got in inside),
        out_of_scope_recall=_share(got.off_topic for _, got in outside),
        recall_at_five_percent=_recall_at(gates_in, gates_out),
        auroc=_auroc(gates_in, gates_out),
        slots_found=(found, wanted),
        p50=_quantile(times, 0.5),
        p99=_quantile(times, 0.99),
        confusion=_confusion(results),
    )


def _has_slot(got: Understood, kind: str, text: str) -> bool:
    wanted = normalise(text).text
    return any(slot.kind.value == kind and slot.text.strip() == wanted for slot in got.slots)


def _share(hits: Iterable[bool]) -> float:
    values = list(hits)
    return sum(values) / len(values) if values else 0.0


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _recall_at(inside: Sequence[float], outside: Sequence[float]) -> float:
    if not inside or not outside:
        return 0.0
    border = sorted(inside)[int(FALSE_REFUSALS * len(inside))]
    return _share(gate < border for gate in outside)


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    pairs = len(inside) * len(outside)
    won = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return won / pairs if pairs else 0.0


def _macro_f1(pairs: Sequence[tuple[frozenset[Intent], Intent]]) -> float:
    hit: Counter[Intent] = Counter()
    guessed: Counter[Intent] = Counter()
    true: Counter[Intent] = Counter()
    for right, got in pairs:
        label = got if got in right else sorted(right)[0]
        true[label] += 1
        guessed[got] += 1
        hit[label] += label == got
    scores = [2 * hit[label] / (true[label] + guessed[label]) for label in true]
    return sum(scores) / len(scores) if scores else 0.0


def _confusion(results: Sequence[tuple[Labelled, Understood]]) -> tuple[tuple[Intent, Intent, int], ...]:
    wrong: defaultdict[tuple[Intent, Intent], int] = defaultdict(int)
    for row, got in results:
        if got.intent not in row.intents:
            wrong[sorted(row.intents)[0], got.intent] += 1
    ordered = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return tuple((right, got, number) for (right, got), number in ordered)


def rendered(report: Report) -> str:
    """Return the report as lines of text for a terminal."""
    lines = [
        f"rows                        {report.rows} ({report.in_scope} in scope)",
        f"accuracy in scope           {report.accuracy:.3f} (after refusals {report.accuracy_end_to_end:.3f})",
        f"right one among three       {report.top_three:.3f}",
        f"macro-F1                    {report.macro_f1:.3f}",
        f"false refusals              {report.false_refusals:.3f}",
        f"out-of-scope recall         {report.out_of_scope_recall:.3f}",
        f"  at 5% false refusals      {report.recall_at_five_percent:.3f}",
        f"  AUROC                     {report.auroc:.4f}",
        f"p50 / p99 per message       {report.p50:.2f} / {report.p99:.2f} ms of the processor",
    ]
    found, wanted = report.slots_found
    if wanted:
        lines.append(f"slots found                 {found} of {wanted}")
    if report.confusion:
        lines.append("confusion (right → got, number):")
        lines += [f"  {right.value} → {got.value}  {number}" for right, got, number in report.confusion[:30]]
    return "\n".join(lines)


MOST_LOST = 0.03
"""What a figure may lose when the same messages are typed otherwise."""
_COMPARED = (
    ("accuracy", "accuracy"),
    ("top three", "top_three"),
    ("answered", "false_refusals"),
    ("OOS recall", "out_of_scope_recall"),
    ("OOS @5%", "recall_at_five_percent"),
)


def compared(plain: Report, otherwise: Mapping[str, Report]) -> str:
    """Return a table of the figures of messages typed otherwise; what lost more than three points has a mark."""
    lines = [f"{'typed otherwise':<27} " + " ".join(f"{title:>11}" for title, _ in _COMPARED)]
    for name, report in {"as they are": plain, **otherwise}.items():
        cells = []
        for _, field in _COMPARED:
            was, now = _good(plain, field), _good(report, field)
            cells.append(f"{now:.3f}" + ("!" if was - now > MOST_LOST else " "))
        lines.append(f"  {name:<25} " + " ".join(f"{cell:>11}" for cell in cells))
    return "\n".join(lines)


def _good(report: Report, field: str) -> float:
    value = float(getattr(report, field))
    return 1 - value if field == "false_refusals" else value
