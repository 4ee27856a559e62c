"""The report on somebody else's cases: what passed, what is out of scope and why. Written to docs/conformance.md.

`make conformance` tries every case that is present and writes the report; it fails when a case does.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conformance import dmn, publicodes
from tests.conformance.outcome import Outcome, Reason, Verdict

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "conformance"
DOCUMENT = ROOT / "docs" / "conformance.md"


@dataclass(frozen=True)
class Suite:
    """A suite of cases: where it lies, where it is from, and how its cases are tried."""

    name: str
    folder: Path
    origin: str
    licence: str
    outcomes: Callable[[Path], Iterator[Outcome]]


SUITES = (
    Suite(
        dmn.SUITE, SHARED / "dmn-tck", "the DMN Technology Compatibility Kit, `TestCases/`, snapshot of 2026-07-01",
        "Apache-2.0", dmn.outcomes,
    ),
    Suite(
        publicodes.SUITE, SHARED / "publicodes", "Publicodes, `packages/core/test/mécanismes/`", "MIT",
        publicodes.outcomes,
    ),
)  # fmt: skip


def all_outcomes() -> list[Outcome]:
    """Return the outcome of every case of the suites that are present."""
    return [outcome for suite in SUITES if suite.folder.is_dir() for outcome in suite.outcomes(suite.folder)]


def rows(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], str]:
    """Return the line of the table for each suite and folder."""
    folders: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        folders.setdefault((outcome.suite, outcome.folder), []).append(outcome)
    return {key: _row(key, found) for key, found in sorted(folders.items())}


def _row(key: tuple[str, str], found: list[Outcome]) -> str:
    verdicts = Counter(outcome.verdict for outcome in found)
    reasons = Counter(outcome.reason for outcome in found if outcome.reason)
    why = ", ".join(f"{count} {reason.name.lower()}" for reason, count in reasons.most_common())
    counts = " | ".join(str(verdicts[verdict]) for verdict in Verdict)
    return f"| {key[0]} | {key[1]} | {counts} | {why} |"


def document(outcomes: list[Outcome]) -> str:
    """Return the report as Markdown."""
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    total = ", ".join(f"{verdicts[verdict]} {verdict.value}" for verdict in Verdict)
    reasons = Counter(outcome.reason for outcome in outcomes if outcome.reason)
    lines = [
        "# Conformance with cases that no one here wrote",
        "",
        "Written by `make conformance`, which translates every case that lies beside the project in `shared/conformance`",
        "into our own forms (`tests/conformance/`) and tries it. The cases are not copied into the project.",
        "",
        "| suite | origin | licence |",
        "|---|---|---|",
        *(f"| {suite.name} | {suite.origin} | {suite.licence} |" for suite in SUITES),
        "",
        f"**{len(outcomes)} cases: {total}.**",
        "",
        "A FEEL error gives null; here such an expression is refused, or unknown, and that is what the case wants. What",
        "is not applicable in Publicodes does not apply, or is a condition that fails, here.",
        "",
        "| suite | folder | passed | failed | out of scope | why |",
        "|---|---|--:|--:|--:|---|",
        *rows(outcomes).values(),
        "",
        "## Why a case is out of scope",
        "",
        "The reason is given by what the case says, before an answer is compared.",
        "",
        "| reason | cases | meaning |",
        "|---|--:|---|",
        *(f"| {reason.name.lower()} | {reasons[reason]} | {reason.value} |" for reason in Reason if reasons[reason]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> int:
    """Try every case, print what failed and the counts, write the report. Return 1 when a case failed."""
    outcomes = all_outcomes()
    if not outcomes:
        print(f"no cases in {SHARED}", file=sys.stderr)
        return 1
    failed = [outcome for outcome in outcomes if outcome.verdict is Verdict.FAILED]
    for outcome in failed:
        print(f"FAILED {outcome.suite} {outcome.folder} {outcome.case}: {outcome.detail}")
    text = document(outcomes)
    print("\n".join(line for line in text.splitlines() if line.startswith(("|", "**"))))
    DOCUMENT.write_text(text, encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
