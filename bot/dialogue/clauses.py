"""Where one clause of what a person wrote ends and the next begins: what is said in one is said of one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

CLAUSE_END: Final = re.compile(r"[,，。;；!！?？\n]")
# 一件发明、两件商标: where things are told apart, the members of a list are too.
MEMBER_END: Final = re.compile(r"[,，。;；!！?？\n、]")


def clauses(text: str) -> Iterator[range]:
    """Yield the positions of each clause that is not empty."""
    start = 0
    for end in (*(match.start() for match in CLAUSE_END.finditer(text)), len(text)):
        if end > start:
            yield range(start, end)
        start = end + 1
