"""The second, independent look: everything is computed again from assets and rules and compared with what is docketed
and sent. It changes nothing; it also reports the negative, an asset with nothing docketed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import structlog

from rules.deadlines.counting import add_years
from rules.deadlines.tables import LawTables
from scheduler.compute import compute_obligations
from scheduler.faults import Faults
from scheduler.hours import today_in_ningbo
from scheduler.law import Compute, NotComputableError
from scheduler.staff_notices import operators, tell
from scheduler.wording import texts
from store.asker import SYSTEM
from store.database import Database
from store.messages import Outgoing
from store.obligation_records import Computed
from store.records import Asset, ObligationStatus, OutboxState, StoredObligation
from store.reminders import NOT_ARRIVED, Reminder, ReminderState

log = structlog.get_logger()
FIRST_RUNG = timedelta(days=90)
PATIENCE = timedelta(days=2)
PROOF_WITHIN = timedelta(days=3)
COUNTED_AHEAD = timedelta(days=365)
_PATENTS = ("invention", "utility_model", "design")


class Problem(StrEnum):
    """What does not agree."""

    NOTHING_DOCKETED = "nothing_docketed"  # an active asset without a single obligation
    NOT_COMPUTABLE = "not_computable"  # what is known of the asset does not suffice
    NOT_DOCKETED = "not_docketed"  # computed, but not kept
    WRONG_DAYS = "wrong_days"  # kept with other days
    NOT_COMPUTED = "not_computed"  # kept and ahead, but not computed any more
    ANNIVERSARY = "anniversary"  # a bare count of anniversaries finds an annuity that is not kept
    NO_NEXT_LOOK = "no_next_look"  # open and ahead, but the clock will never look at it
    LOOK_OVERDUE = "look_overdue"  # its time came and the clock did not look
    NOT_SENT = "not_sent"  # within the ladder, but no reminder was written or arrived
    NOT_COMPARED = "not_compared"  # looking at it failed: an operator's log says how
    NO_PROOF = "no_proof"  # closed as paid, without a receipt


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree, by ids: an operator sees no company's data."""

    problem: Problem
    asset_id: int
    obligation_id: int | None = None
    detail: str = ""


async def reconcile(
    database: Database, tables: LawTables, now: datetime, compute: Compute = compute_obligations
) -> list[Finding]:
    """Return everything that does not agree, and tell the operators once a day when there is something."""
    today = today_in_ningbo(now)
    async with database.reading() as tx:
        assets = await tx.assets(SYSTEM).all_active()
        kept = await tx.obligations(SYSTEM).all_kept(list(ObligationStatus))
        newest = await tx.reminders(SYSTEM).last_written()
        outcomes = await tx.duty.outcomes(
            [one.outbox_id for one in newest.values() if one.outbox_id is not None]
        )
    by_asset: dict[int, list[StoredObligation]] = {}
    for obligation in kept:
        by_asset.setdefault(obligation.asset_id, []).append(obligation)
    findings: list[Finding] = []
    faults = Faults("reconcile")
    for asset in assets:
        found = [Finding(Problem.NOT_COMPARED, asset.id)]  # what stands when comparing fails
        with faults.apart(asset_id=asset.id):
            found = compare(asset, by_asset.get(asset.id, []), tables, today, compute)
        findings += found
    for obligation in kept:
        found = [Finding(Problem.NOT_COMPARED, obligation.asset_id, obligation.id)]
        with faults.apart(obligation_id=obligation.id):
            found = watch(obligation, newest.get(obligation.id), outcomes, today, now)
        findings += found
    if findings:
        await _report(database, findings, today, now)
    return findings


def compare(
    asset: Asset, kept: Sequence[StoredObligation], tables: LawTables, today: date, compute: Compute
) -> list[Finding]:
    """Return where what is kept for an active asset differs from what the rules say today. Pure."""
    try:
        computed = {due.key: due for due in compute(tables, asset, today)}
    except NotComputableError as error:
        return [Finding(Problem.NOT_COMPUTABLE, asset.id, detail=error.field)]
    if not kept:
        return [Finding(Problem.NOTHING_DOCKETED, asset.id)]
    by_key = {obligation.key: obligation for obligation in kept}
    found = [
        Finding(Problem.NOT_DOCKETED, asset.id, detail=key)
        for key in computed
        if key not in by_key or by_key[key].status is ObligationStatus.SUPERSEDED
    ]
    for obligation in kept:
        if obligation.status is ObligationStatus.OPEN:
            found += _differs(obligation, computed.get(obligation.key), today)
    return found + list(_uncounted(asset, kept, today))


def _differs(obligation: StoredObligation, due: Computed | None, today: date) -> list[Finding]:
    if due is None:
        if obligation.safe < today:
            return []  # what has passed stays open until somebody says what became of it
        return [Finding(Problem.NOT_COMPUTED, obligation.asset_id, obligation.id, obligation.key)]
    days = (obligation.nominal, obligation.legal, obligation.safe, obligation.grace_end)
    if days == due.days():
        return []
    detail = f"{obligation.key}: kept {obligation.safe}, computed {due.safe}"
    return [Finding(Problem.WRONG_DAYS, obligation.asset_id, obligation.id, detail)]


def _uncounted(asset: Asset, kept: Sequence[StoredObligation], today: date) -> Iterable[Finding]:
    """Count the anniversaries of a granted patent's filing day in the coming year, without the deadlines engine.

    An annuity is due on each until the term ends (专利法实施细则第115条); at least those up to year 10 exist for every kind.
    """
    if asset.right_type not in _PATENTS or "filing" not in asset.dates or "grant" not in asset.dates:
        return
    filing, grant = (date.fromisoformat(asset.dates[key]) for key in ("filing", "grant"))
    nominals = {one.nominal for one in kept if one.status is not ObligationStatus.SUPERSEDED}
    for year in range(2, 11):
        anniversary = add_years(filing, year - 1)
        if max(grant, today) < anniversary <= today + COUNTED_AHEAD and anniversary not in nominals:
            paid_ahead = asset.details.get("paid_through")
            if not (isinstance(paid_ahead, int) and paid_ahead >= year):
                yield Finding(Problem.ANNIVERSARY, asset.id, detail=anniversary.isoformat())


def watch(
    obligation: StoredObligation,
    newest: Reminder | None,
    outcomes: Mapping[int, OutboxState],
    today: date,
    now: datetime,
) -> list[Finding]:
    """Return where an obligation is not reminded of as it should be, or closed without proof. Pure."""

    def found(problem: Problem, detail: str = "") -> list[Finding]:
        return [Finding(problem, obligation.asset_id, obligation.id, detail)]

    if obligation.status is ObligationStatus.PAID:
        closed = obligation.closed_at
        unproven = obligation.receipt_id is None and closed is not None and now - closed > PROOF_WITHIN
        return found(Problem.NO_PROOF) if unproven else []
    if obligation.status is not ObligationStatus.OPEN:
        return []
    if obligation.next_at is None:
        last = max(obligation.legal, obligation.grace_end or obligation.legal)
        return found(Problem.NO_NEXT_LOOK) if last >= today else []
    if now - obligation.next_at > PATIENCE:
        return found(Problem.LOOK_OVERDUE, obligation.next_at.isoformat())
    return found(Problem.NOT_SENT) if _unsent(obligation, newest, outcomes, today, now) else []


def _unsent(
    obligation: StoredObligation,
    newest: Reminder | None,
    outcomes: Mapping[int, OutboxState],
    today: date,
    now: datetime,
) -> bool:
    if today < obligation.safe - FIRST_RUNG + PATIENCE or _kept_lately(obligation, now):
        return False
    if newest is None:
        return obligation.snoozed_until is None
    if now - newest.created_at < PATIENCE:
        return False
    state = None if newest.outbox_id is None else outcomes.get(newest.outbox_id)
    waiting = state in (OutboxState.PENDING, OutboxState.SENDING)
    return (
        newest.state in (ReminderState.UNREACHABLE, ReminderState.FAILED) or waiting or state in NOT_ARRIVED
    )


def _kept_lately(obligation: StoredObligation, now: datetime) -> bool:
    return obligation.updated_at is not None and now - obligation.updated_at < PATIENCE


async def _report(database: Database, findings: Sequence[Finding], today: date, now: datetime) -> None:
    counts = Counter(finding.problem for finding in findings)
    for finding in findings:
        log.error("the docket does not agree", problem=finding.problem.value, asset_id=finding.asset_id,
                  obligation_id=finding.obligation_id, detail=finding.detail)  # fmt: skip
    lines = [texts().say("finding.title")]
    for problem, count in counts.most_common():
        ids = sorted({finding.asset_id for finding in findings if finding.problem is problem})
        where = texts().say("finding.assets", ids="、".join(map(str, ids[:10])), count=count)
        lines.append(texts().say("finding.line", what=texts().say(f"finding.{problem.value}"), where=where))
    async with database.transaction() as tx:
        for person in await operators(tx):
            await tell(tx, person, f"reconcile:{today.isoformat()}", Outgoing.say("\n".join(lines)), now)
