"""The catalogue and the code agree: every text is used, and every text that is asked for exists."""

from __future__ import annotations

import re
from pathlib import Path

import scheduler
from scheduler.broadcasts import Fit
from scheduler.call_list import Silent
from scheduler.ladder import Phase
from scheduler.reconcile import Problem
from scheduler.wording import texts
from store.contact_tasks import WhyNot

SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(scheduler.__path__[0]).glob("*.py"))
# Asked for by a computed key: the prefix, and every value it may have.
BUILT = {
    "call.": set(Silent),
    "contact.why.": set(WhyNot),
    "finding.": set(Problem),
    "broadcast.": {Fit.FITS, Fit.MAY_FIT},
    "do.": {Phase.RESTORE, Phase.MISSED, Phase.LAST_DAY, "ahead", "ahead_no_amount", "last_day_no_amount"},
    "title.": set(Phase) - {Phase.AHEAD},
    "digest.": {"one", "many", "nameless_one", "nameless_many"},
    "columns.": {"right", "title", "day", "amount"},
    "label.": {"late", "missed", "remedy"},
    "how.": {"annuity", "annuity_compensation", "tm_renewal"},
    "surcharge.": {"annuity", "tm_renewal"},
    "type.": {"invention", "utility_model", "design", "trademark"},
}


def test_every_text_is_used_and_every_used_text_exists() -> None:
    built = {f"{prefix}{value}" for prefix, values in BUILT.items() for value in values}
    groups = {key.split(".")[0] for key in texts().keys()}  # noqa: SIM118
    named = {key for key in re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', SOURCE) if key.split(".")[0] in groups}
    assert built <= texts().keys()
    assert named <= texts().keys()
    assert texts().keys() <= built | named
