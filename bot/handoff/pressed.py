"""The step that a pressed button of a case asks for, wherever staff pressed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from bot.handoff import case_steps, staff
from bot.handoff.case_steps import CaseButton
from bot.handoff.group_binding import agency_name
from bot.handoff.routing import AgencyProfile
from bot.handoff.wording import TEXTS
from store.case_records import Case, CaseState
from store.records import Person

if TYPE_CHECKING:
    from store.transaction import Transaction


class Came(Enum):
    """What came of a press."""

    DONE = "done"
    ALREADY = "already"  # pressed twice: nothing is done twice
    TAKEN = "taken"  # a colleague was quicker
    REASON = "reason"  # it asks for a reason first


async def take(
    tx: Transaction,
    case: Case,
    person: Person,
    button: CaseButton,
    reason: str,
    agencies: Sequence[AgencyProfile],
    now: datetime,
) -> Came:
    """Take the step, or return why it is not taken. Raises the errors of `staff` for what the person may not do.

    A conflict of interest given as the reason to decline is remembered: the agency is not shown this company again.
    """
    words = TEXTS.say(f"group.reason.{button}.{reason}") if reason else ""
    match button:
        case CaseButton.ACCEPT if case.owner_id == person.id:
            return Came.ALREADY
        case CaseButton.ACCEPT if case.with_person:
            return Came.TAKEN
        case CaseButton.ACCEPT:
            name = agency_name(agencies, person.agency_id)
            await staff.accept(tx, case, person, now, agency_name=name)
        case CaseButton.TAKE_OVER if case.owner_id == person.id:
            return Came.ALREADY
        case CaseButton.TAKE_OVER:
            await staff.take_over(tx, case, person, now)
        case CaseButton.WAIT if case.state is CaseState.WAITING_CUSTOMER and case.owner_id == person.id:
            return Came.ALREADY
        case CaseButton.WAIT:
            await staff.await_owner(tx, case, person, now)
        case CaseButton.DECLINE | CaseButton.RETURN | CaseButton.CLOSE if not reason:
            await staff.check(tx, case, person)
            return Came.REASON
        case CaseButton.DECLINE:
            await staff.pass_on(tx, case, person, words, agencies, now)
            if reason == case_steps.CONFLICT and person.agency_id is not None:
                await tx.people.add_conflict(person.agency_id, case.company_id, words, now)
        case CaseButton.RETURN:
            await staff.return_to_bot(tx, case, person, words, now)
        case CaseButton.CLOSE:
            await staff.close(tx, case, person, words, now)
        case CaseButton.BACK | CaseButton.SHOW | CaseButton.SWITCH:
            raise AssertionError(f"{button} changes nothing of the case")
    return Came.DONE
