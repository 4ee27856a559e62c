"""Which kind and inputs each row of the worked examples is, as data: id → kind, inputs, as-of day, sample index.

The rows themselves are read from the facts folder; only the transcription lives here. A row that tabulates
several amounts (600 / 1200) is transcribed once for each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

TODAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Asked:
    """One question that a row of the examples answers."""

    kind: str
    inputs: dict[str, str]
    as_of: date = TODAY
    part: int = 0  # which of the amounts separated by / in the row
    skip: frozenset[str] = field(
        default_factory=frozenset
    )  # columns that say something else: the article says why


def ask(kind: str, *, as_of: date = TODAY, part: int = 0, **inputs: str) -> Asked:
    """Write a question as `kind(name=value)`."""
    return Asked(kind, inputs, as_of, part)


INV, UM, DES = "invention", "utility_model", "design"

ASKED: dict[str, list[Asked]] = {
    "P01": [ask("exam_request", filing="1998-06-01")],
    "P05": [ask("patent_term", right_type=UM, filing="1999-09-06")],
    "P10": [ask("annuity_late", right_type=INV, filing="2020-04-15", year="7", paid_on="2026-11-20")],
    "P12": [ask("oa_next", issue="2024-12-31", delivery="electronic")],
    "P16": [
        ask("annuity", right_type=INV, filing="2019-06-01", grant="2020-08-26", as_of=date(2020, 8, 26)),
        ask("annuity", right_type=INV, filing="2019-06-01", grant="2020-08-26", year="3"),
    ],
    "P18": [ask("deposit_proof", filing="2024-01-05")],
    "P20": [ask("registration", issue="2024-03-02", delivery="post")],
    "P22": [ask("restore_reexam", period_end="2024-05-06")],
    "P24": [ask("patent_term", right_type=UM, filing="2023-06-18")],
    "P29": [ask("restore", issue="2024-04-18", delivery="publication")],
    "P30": [ask("filing_fee", filing="2024-05-03", acceptance="2024-06-23", delivery="post")],
    "P31": [
        ask(
            "registration",
            right_type=INV,
            filing="2019-06-30",
            priority="2018-07-18",
            issue="2024-01-20",
            delivery="electronic",
        )
    ],
    "P32": [ask("registration", right_type=UM, issue="2024-06-05", delivery="publication")],
    "P34": [ask("priority_copy_inv_um", priority="2023-06-16")],
    "P36": [ask("priority_copy_inv_um", priority="2023-11-11")],
    "P38": [ask("exam_request", priority="2019-09-27", filing="2020-09-27")],
    "P39": [ask("exam_request", filing="2021-03-03", priority="2020-04-05")],
    "P40": [ask("oa1", issue="2024-06-11", received="2024-06-16", delivery="electronic")],
    "P43": [ask("pct_publication", priority="2022-08-08")],
    "P44": [ask("pct_entry", priority="2021-07-05")],
    "P45": [ask("pct_entry_late", priority="2021-06-01")],
    "P46": [ask("pct_priority_restore", first_filing="2022-11-01")],
    "P48": [ask("tm_renewal", registration="2018-03-23")],
    "P49": [ask("tm_renewal", expiry="2025-06-01")],
    "P51": [ask("copyright_term_person", deaths="2016-07-01, 2017-10-01")],
    "P52": [ask("patent_term", right_type=INV, filing="2000-09-06")],
    "P53": [ask("official_fee", item="annuity", right_type=DES, year=str(year)) for year in range(11, 16)],
    "P54": [ask("refund", due_amount="600", paid_amount="650")],
    "P55": [ask("oa_next", issue="2024-02-16", delivery="post")],
    "P58": [
        ask("official_fee", item="annuity", right_type=INV, year=str(year), reduction=percent, part=part)
        for year in (10, 11, 12)
        for part, percent in enumerate(("85", "70"))
    ],
    "P59": [
        ask("tm_renewal", registration="2016-11-21", classes="1", efile="yes", in_grace="yes", part=0),
        ask("tm_renewal", registration="2016-11-21", classes="1", efile="no", in_grace="yes", part=1),
    ],
    "P60": [ask("pta_request", grant="2025-03-14"), ask("official_fee", item="compensation_year", part=1)],
    "C05": [ask("annuity_late", right_type=INV, filing="2020-04-15", year="7", paid_on="2026-06-16")],
    "C08": [ask("annuity_late", right_type=INV, filing="2020-04-15", year="7", paid_on="2026-10-15")],
    "C09": [ask("annuity_late", right_type=INV, filing="2020-04-15", year="7", paid_on="2026-10-16")],
    "C12": [ask("annuity", right_type=UM, filing="2019-10-03", year="8")],
    "C13": [ask("annuity", right_type=UM, filing="2022-10-10", year="5")],
    "C17": [ask("annuity", right_type=INV, filing="2020-02-29", year="5")],
    "C18": [ask("annuity", right_type=INV, filing="2020-02-29", year="4")],
    "C19": [ask("annuity", right_type=INV, filing="2014-11-20", year="13")],
    "C21": [ask("annuity", right_type=INV, filing="2017-11-21", year="10")],
    "C23": [ask("annuity", right_type=INV, filing="2006-12-01", year="20")],
    "C24": [ask("annuity", right_type=DES, filing="2021-06-01", year="11")],
    "C32": [ask("official_fee", item="reexam", right_type=INV, reduction="70")],
    "C33": [ask("extension", months="2", repeated="no")],
    "C36": [ask("oa1", issue="2026-06-30", delivery="electronic")],
    "C37": [ask("oa1", issue="2026-10-31", delivery="electronic")],
    "C38": [ask("reexam_request", issue="2026-08-31", delivery="electronic")],
    "C41": [
        ask("invalid_grounds", request="2026-10-15", right_type=INV),
        ask("invalid_fee", request="2026-10-15", right_type=INV),
    ],
    "C45": [ask("priority_design", first_filing="2026-05-20")],
    "C47": [ask("priority_add_correct", priority="2025-09-01", filing="2026-08-20")],
    "C48": [
        ask(
            "pta_request",
            filing="2020-01-10",
            exam_request="2020-01-10",
            publication="2021-07-13",
            grant="2025-03-14",
        )
    ],
    "C50": [ask("inventor_award", grant="2026-09-08", right_type=INV)],
    "C51": [ask("foreign_licence", request="2026-11-20")],
    "C53": [ask("tm_opposition", preliminary_publication="2026-09-13")],
    "C55": [ask("tm_opposition", preliminary_publication="2027-01-06")],
    "C57": [ask("tm_refusal_review", received="2026-11-05", delivery="post")],
    "C60": [ask("tm_nonuse_evidence", received="2026-09-20")],
    "C61": [ask("tm_renewal", registration="2016-11-21", classes="1", efile="yes", in_grace="no")],
    "C65": [ask("official_fee", item="tm_application_fees", classes="1", goods="12", efile="yes")],
    "C66": [ask("official_fee", item="tm_application_fees", classes="1", goods="12", efile="no")],
    "C68": [ask("customs_ex_officio", served_on="2026-09-18")],
    "C72": [ask("platform_counter", received="2026-11-11")],
    "C73": [ask("presuit_measure", measure="2026-10-20")],
    "C75": [ask("appeal", received="2026-11-10", paper="judgment", domestic="yes")],
    "C80": [ask("software_term", first_publication="2020-05-01")],
    "C81": [ask("plant_term", grant="2026-03-10", plant="other")],
    "C82": [ask("licence_record", contract_effect="2026-08-20")],
}

# Rows that the law contradicts: id → (column, what we hold, the article that says so).
HELD_WRONG: dict[str, tuple[str, str, str]] = {
    "C24": (
        "effective_due",
        "2031-06-02",
        "专利审查指南第五部分第七章2.3: every Sunday is a rest day for patents in any calendar, so 2031-06-01 (a Sunday) "
        "rolls to Monday 2031-06-02; the row left the nominal day because the 2031 schedule is not announced",
    ),
}

# The hypothetical schedule that row P55 assumes.
P55_CALENDAR = """
table: calendar_year
year: 2024
notice: the schedule that the exam question supposes
breaks: [[2024-05-01, 2024-05-03]]
make_up: [2024-05-04, 2024-05-05]
"""
