"""The dossier of a case as it stands, read in the name of who will see it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.handoff.dossier import Dossier, compose, told_in
from store.asker import Asker
from store.case_records import Case

if TYPE_CHECKING:
    from store.transaction import Transaction


_LOOKED_AT = 60  # messages, among which the last answers are


async def read_dossier(tx: Transaction, case: Case, asker: Asker, today: date) -> Dossier:
    """Return what `asker` may know of the case. The owner's words are those up to the request: the rest is told as it is said."""
    cases = tx.cases(asker)
    return compose(
        case,
        await tx.people.company(case.company_id),
        await tx.assets(asker).of(case.company_id),
        [
            item
            for item in await tx.inbox.of_person(case.person_id)
            if item.content.received_at <= case.created_at
        ],
        await tx.answers(asker).of_person(case.person_id),
        await cases.evidence(case.id),
        await cases.events(case.id),
        today,
        told_in(await tx.outbox.to_person(case.person_id, _LOOKED_AT), case.created_at),
    )
