"""What staff have written to a client and not sent: it is there again after a reload, a broken connection, another page.

Kept in memory, like the page itself: a restart forgets it, and nobody else reads it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

_MOST: Final = 1000  # texts of at most 2,000 characters; the oldest go first


class Unsent:
    """One text a person and case."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[int, int], str] = OrderedDict()

    def of(self, person_id: int, case_id: int) -> str:
        """Return what the person has written and not sent in this case, empty for nothing."""
        return self._texts.get((person_id, case_id), "")

    def keep(self, person_id: int, case_id: int, text: str) -> None:
        """Keep the text in the place of the one before; an empty one is forgotten."""
        self._texts.pop((person_id, case_id), None)
        if text:
            self._texts[person_id, case_id] = text
            while len(self._texts) > _MOST:
                self._texts.popitem(last=False)
