"""Who is asking. Every query about a company is filtered by it: no one sees another company's data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from store.models import CaseRow, ConflictRow


class Role(StrEnum):
    """What a person is to the service."""

    OWNER = "owner"  # speaks for one company
    AGENCY = "agency"  # works on the cases given to one agency
    EDITOR = "editor"  # the bureau: writes rules and broadcasts
    APPROVER = "approver"  # the bureau: the second person
    OPERATOR = "operator"  # runs the machine: sees states and counts, no company's data
    SYSTEM = "system"  # the service itself: pipeline, clock


@dataclass(frozen=True, slots=True)
class Asker:
    """A person as the store sees them."""

    role: Role
    person_id: int | None = None
    company_id: int | None = None
    agency_id: str | None = None


SYSTEM = Asker(Role.SYSTEM)


def may_see_company(asker: Asker, company_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the SQL condition under which `asker` sees rows of the company in column `company_id`.

    An owner sees their own company. Agency staff see a company while a case of it is theirs and no conflict of interest
    stands between them (专利代理条例 第14条). The bureau sees no company's facts, assets or talk.
    """
    if asker.role is Role.SYSTEM:
        return true()
    if asker.role is Role.OWNER and asker.company_id is not None:
        return company_id == asker.company_id
    if asker.role is Role.AGENCY and asker.agency_id is not None:
        own_cases = select(CaseRow.company_id).where(
            CaseRow.agency_id == asker.agency_id, CaseRow.state.in_(("offered", "human", "waiting_customer"))
        )
        return and_(company_id.in_(own_cases), no_conflict(asker.agency_id, company_id))
    return false()


def no_conflict(agency_id: str, company_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the SQL condition that the agency has no conflict of interest with the company."""
    conflicted = select(ConflictRow.company_id).where(ConflictRow.agency_id == agency_id)
    return or_(company_id.is_(None), company_id.not_in(conflicted))
