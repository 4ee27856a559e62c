"""Every benchmark is listed with a command that exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_benchmark_is_listed_and_has_its_target():
    listed = dict(
        re.findall(
            r"^\| `make (bench-[\w-]+)[^`]*` \| `(\w+\.py)`",
            (ROOT / "benchmarks/README.md").read_text(),
            re.M,
        )
    )
    run = {
        path.name
        for path in (ROOT / "benchmarks").glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    }
    assert set(listed.values()) == run
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^[\w -]*{target}\b[\w -]*:", makefile, re.M) for target in listed)
