"""Which function computes a kind that needs more than counting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from rules.deadlines.annuity_kinds import annuity_deadline, registration_deadline
from rules.deadlines.inputs import InputValue
from rules.deadlines.renewal import renewal_deadline
from rules.deadlines.result import Deadline
from rules.deadlines.schema import Calculator, Kind
from rules.deadlines.single_fees import refund_deadline, single_fee
from rules.deadlines.tables import LawTables
from rules.deadlines.terms import compensation_annuity, pta_deadline, reduction_window, term_deadline

Values = Mapping[str, InputValue]

CALCULATORS: dict[Calculator, Callable[[LawTables, Kind, Values, date], Deadline]] = {
    Calculator.ANNUITY: annuity_deadline,
    Calculator.ANNUITY_LATE: annuity_deadline,
    Calculator.ANNUITY_COMPENSATION: compensation_annuity,
    Calculator.PATENT_TERM: term_deadline,
    Calculator.PTA: pta_deadline,
    Calculator.REGISTRATION: registration_deadline,
    Calculator.REDUCTION_WINDOW: reduction_window,
    Calculator.TM_RENEWAL: renewal_deadline,
    Calculator.REFUND: refund_deadline,
    Calculator.FEE: single_fee,
}
