"""Citations as people read them: a source is named once, with every place in it that an answer rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"(?:（[^（）]*）)?")
_BRACKET = re.compile("[《》]")


def by_source(citations: Iterable[str]) -> tuple[str, ...]:
    """Return the citations with those of one source in one line: `《专利法》（2020年修正）第42条、第43条`.

    Sources, and the places in each, stay in their order. A source cited as a whole keeps a line of its own.
    """
    places: dict[tuple[str, bool], dict[str, None]] = {}
    for citation in citations:
        source, place = _parted(citation)
        places.setdefault((source, bool(place)), {})[place] = None
    return tuple(source + "、".join(found) for (source, _), found in places.items())


def _parted(citation: str) -> tuple[str, str]:
    """Return the source with its number (`《专利法》（2020年修正）`), and the place in it; titles stand in titles."""
    if not citation.startswith("《"):
        return citation, ""
    depth = 0
    for bracket in _BRACKET.finditer(citation):
        depth += 1 if bracket[0] == "《" else -1
        if depth == 0:
            number = _NUMBER.match(citation, bracket.end())
            end = number.end() if number else bracket.end()
            return citation[:end], citation[end:]
    return citation, ""
