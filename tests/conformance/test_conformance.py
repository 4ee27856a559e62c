"""No case that no one here wrote fails, none slips away unseen, and what docs/conformance.md says is so today."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest
import yaml

from tests.conformance.outcome import OutOfScope, Reason, Verdict, tried
from tests.conformance.report import DOCUMENT, SHARED, all_outcomes, rows

ABSENT = pytest.mark.skipif(not SHARED.is_dir(), reason="the cases are not beside this checkout")


@pytest.fixture(scope="module")
def outcomes():
    return all_outcomes()


@ABSENT
def test_no_case_fails(outcomes):
    failed = [outcome for outcome in outcomes if outcome.verdict is Verdict.FAILED]
    assert failed == []


@ABSENT
def test_every_case_has_an_outcome(outcomes):
    got = Counter((outcome.suite, outcome.folder) for outcome in outcomes)
    wanted: Counter[tuple[str, str]] = Counter()
    for path in (SHARED / "dmn-tck").rglob("*-test-*.xml"):
        results = [
            node for node in ElementTree.parse(path).getroot().iter() if str(node.tag).endswith("}resultNode")
        ]
        wanted["DMN TCK", path.parent.name] += len(results)
    for path in (SHARED / "publicodes").glob("*.yaml"):
        for node in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            examples = node.get("exemples") or [] if isinstance(node, dict) else []
            wanted["Publicodes", path.stem] += len(examples) if isinstance(examples, list) else 1
    assert got == wanted


@ABSENT
def test_the_report_is_that_of_today(outcomes):
    written = {
        tuple(line.split(" | ")[:2]): line for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
    }
    today = rows(outcomes)
    known = {key: line for key, line in today.items() if (f"| {key[0]}", key[1]) in written}
    assert len(known) >= 30
    assert {key: written[f"| {key[0]}", key[1]] for key in known} == known


@ABSENT
def test_most_of_what_is_out_of_scope_is_of_the_same_few_kinds(outcomes):
    """A reason is never a way out: mechanisms that were not translated are none of today's cases."""
    reasons = {outcome.reason for outcome in outcomes if outcome.reason}
    assert Reason.MECHANISM not in reasons
    assert sum(outcome.verdict is Verdict.PASSED for outcome in outcomes) >= 340


def test_what_cannot_be_read_is_a_failure_not_out_of_scope():
    def broken() -> str:
        raise ValueError("not understood")

    def timed() -> str:
        raise OutOfScope(Reason.TIMES)

    assert tried("s", "f", "c", broken).verdict is Verdict.FAILED
    assert tried("s", "f", "c", lambda: "wanted 1, got 2").verdict is Verdict.FAILED
    assert tried("s", "f", "c", timed).reason is Reason.TIMES
    assert tried("s", "f", "c", lambda: "").verdict is Verdict.PASSED
