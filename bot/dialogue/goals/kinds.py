"""The kinds of deadlines by their ids, looked up once a revision: reading them out of the tables takes a millisecond."""

from __future__ import annotations

from collections.abc import Mapping

from rules.deadlines.kinds import KindView, catalogue
from rules.deadlines.tables import LawTables

_latest: tuple[LawTables, Mapping[str, KindView]] | None = None


def kinds_by_id(tables: LawTables) -> Mapping[str, KindView]:
    """Return every kind of the tables with its inputs, by its id."""
    global _latest
    known = _latest
    if known is None or known[0] is not tables:
        known = (tables, {kind.id: kind for kind in catalogue(tables)})
        _latest = known
    return known[1]
