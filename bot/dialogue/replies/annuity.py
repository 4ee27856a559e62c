"""An annuity in words: year, three days, amount, what lateness costs, article."""

from __future__ import annotations

from datetime import date

from bot.dialogue.replies.days import day_lines
from bot.dialogue.right_types import name_of
from bot.dialogue.turn import say
from rules.days import format_day, format_day_with_weekday
from rules.deadlines.annuity import (
    Annuity,
    CurrentAnnuity,
    PaymentState,
    payment_on,
    rate_of,
    reduction_rule,
    term_years,
)
from rules.deadlines.fees import reduced
from rules.deadlines.schema import RightType
from rules.deadlines.tables import LawTables
from rules.money import Fen, format_yuan
from store.messages import CardPart, CitationPart, Part, TablePart, TextPart


def next_annuity_parts(current: CurrentAnnuity, today: date) -> tuple[Part, ...]:
    """Return the next annuity with its ladder, and the one before it that should be checked."""
    owed = current.next
    if owed is None:
        raise ValueError("no annuity lies ahead")
    first, *parts, citations = annuity_parts(owed, today)
    if current.to_check is None:
        return (first, *parts, citations)
    check = TextPart(text=_check(current, today))
    # What can still be paid late ends sooner than the next annuity falls due: it is said first.
    return (check, first, *parts, citations) if current.in_grace else (first, *parts, check, citations)


def term_end_parts(
    tables: LawTables, right_type: str, filing: date, term_end: date, today: date
) -> tuple[Part, ...]:
    """Return until when a patent is protected for which no annuity lies ahead (专利法第42条)."""
    _, term = term_years(tables, RightType(right_type), filing)
    key = "annuity.term_over" if term_end < today else "annuity.no_more"
    cited_as = tuple(str(citation) for citation in tables.cite(term.cites, term.confidence))
    return (
        TextPart(
            text=say(key, kind=name_of(right_type), filing=format_day(filing), day=format_day(term_end))
        ),
        CitationPart(citations=cited_as, as_of=format_day(today)),
    )


def annuity_parts(owed: Annuity, today: date) -> tuple[Part, ...]:
    """Return one annuity that lies ahead: what to pay by when, the days, the ladder, the articles."""
    first = say(
        "annuity.next",
        year=owed.year,
        safe=format_day_with_weekday(owed.safe),
        amount=format_yuan(owed.payable),
    )
    return (TextPart(text=first), annuity_card(owed), ladder_table(owed), cited(owed, today))


def rate_parts(tables: LawTables, right_type: str, year: int, today: date) -> tuple[Part, ...]:
    """Return what the annuity of a year costs of any patent of the kind, whole and reduced (专利收费标准, 专利收费减缴办法).

    Raises DeadlineInputError where there is no annuity for the year.
    """
    rate, rule = rate_of(tables, RightType(right_type), year, today), reduction_rule(tables, today)
    amounts = "，".join(
        say("annuity.rate_reduced_to", percent=percent, amount=format_yuan(reduced(rate.yuan, percent)))
        for percent in tables.annuities.reduction_percents
    )
    less = say("annuity.rate_reduced", amounts=amounts)
    if year > rule.years_from_grant:
        less = say("annuity.rate_perhaps_reduced", years=rule.years_from_grant)
    words = say(
        "annuity.rate", kind=name_of(right_type), year=year, full=format_yuan(rate.yuan), reduced=less
    )
    citations = tables.cite(dict.fromkeys((*rate.cites, *rule.cites)), rate.confidence)
    return TextPart(text=words), CitationPart(citations=tuple(map(str, citations)), as_of=format_day(today))


def annuity_card(owed: Annuity) -> CardPart:
    """Return the days and the amount of one annuity."""
    lines = [
        (
            say("annuity.label_right"),
            say("annuity.right", kind=name_of(owed.right_type), filing=format_day(owed.filing)),
        ),
        (say("annuity.label_amount"), _amount(owed)),
        *day_lines(owed.safe, owed.nominal, owed.legal),
    ]
    return CardPart(title=owed.title, lines=tuple(lines), note="\n".join(_notes(owed)))


def _notes(owed: Annuity) -> list[str]:
    """Return what the days mean where they differ, and what is not sure of them."""
    notes = []
    if owed.safe != owed.nominal:
        notes.append(say("annuity.safe_day"))
    if owed.legal != owed.nominal:
        notes.append(say("annuity.legal_day"))
    if owed.provisional:
        years = "、".join(map(str, owed.provisional_years))
        notes.append(say("annuity.provisional", years=years, safe=format_day(owed.safe)))
    return [*notes, *owed.doubts]


def _amount(owed: Annuity) -> str:
    if owed.payable == owed.full:
        return format_yuan(owed.full)
    return say(
        "annuity.reduced",
        payable=format_yuan(owed.payable),
        full=format_yuan(owed.full),
        percent=owed.reduction,
    )


def ladder_table(owed: Annuity) -> TablePart:
    """Return what paying late costs, bracket by bracket."""
    rows = tuple(
        (
            _span(step.first, step.last),
            say("annuity.surcharge", percent=step.percent, surcharge=format_yuan(step.surcharge)),
            format_yuan(step.total),
        )
        for step in owed.ladder
    )
    return TablePart(
        title=say("annuity.ladder_title"),
        columns=(
            say("annuity.ladder_when"),
            say("annuity.ladder_surcharge"),
            say("annuity.ladder_total"),
        ),
        rows=rows,
    )


def _span(first: date, last: date) -> str:
    """Return `2027年6月4日—7月3日`: narrow, for a phone."""
    end = format_day(last)
    return f"{format_day(first)}—{end.removeprefix(f'{first.year}年')}"


def _check(current: CurrentAnnuity, today: date) -> str:
    before = current.to_check
    if before is None:
        return ""
    check = f"{current.check_words.rstrip('。')}。"
    settled = payment_on(before, today)
    if current.in_grace is None or settled.total is None or settled.surcharge is None:
        return check
    return check + say(
        "annuity.pay_now", total=format_yuan(settled.total), surcharge=format_yuan(settled.surcharge)
    )


def late_parts(owed: Annuity, today: date) -> tuple[Part, ...]:
    """Return what to do about an annuity that was not paid in time: pay what, until when, or restore."""
    settled = payment_on(owed, today)
    if settled.state is PaymentState.LAPSED:
        steps = say(
            "late.lapsed",
            year=owed.year,
            nominal=format_day(owed.nominal),
            grace=format_day(owed.grace_end),
        )
        card = CardPart(
            title=say("late.restore_title"),
            lines=(
                (say("late.label_annuity"), format_yuan(owed.payable)),
                (say("late.label_surcharge"), format_yuan(owed.ladder[-1].surcharge)),
                (say("late.label_restoration"), format_yuan(owed.restoration_fee)),
                (
                    say("late.label_sum"),
                    format_yuan(owed.payable + owed.ladder[-1].surcharge + owed.restoration_fee),
                ),
            ),
            note=owed.restoration,
        )
        return (TextPart(text=steps), card, cited(owed, today))
    if settled.state is PaymentState.IN_TIME or settled.total is None or settled.surcharge is None:
        words = say(
            "late.not_late", year=owed.year, legal=format_day(owed.legal), amount=format_yuan(owed.payable)
        )
        return (TextPart(text=words), ladder_table(owed), cited(owed, today))
    words = say(
        "late.grace",
        year=owed.year,
        total=format_yuan(settled.total),
        annuity=format_yuan(owed.payable),
        surcharge=format_yuan(settled.surcharge),
        percent=settled.percent,
        grace=format_day(owed.grace_end),
    )
    return (TextPart(text=words), ladder_table(owed), TextPart(text=owed.lapse), cited(owed, today))


def paid_on_parts(owed: Annuity, day: date, today: date) -> tuple[Part, ...]:
    """Return what the annuity costs when it is paid on `day`, or that this would be too late."""
    settled = payment_on(owed, day)
    if settled.total is None or settled.surcharge is None:
        key = "late.too_late"
    elif settled.state is PaymentState.IN_TIME:
        key = "late.paid_in_time"
    else:
        key = "late.paid_on"
    words = say(
        key,
        day=format_day(day),
        year=owed.year,
        total=format_yuan(settled.total or owed.payable),
        annuity=format_yuan(owed.payable),
        surcharge=format_yuan(settled.surcharge or Fen(0)),
        percent=settled.percent or 0,
        nominal=format_day(owed.nominal),
        grace=format_day(owed.grace_end),
    )
    return (TextPart(text=words), ladder_table(owed), cited(owed, today))


def cited(owed: Annuity, today: date) -> CitationPart:
    """Return what the answer rests on."""
    return CitationPart(
        citations=tuple(str(citation) for citation in owed.citations), as_of=format_day(today)
    )
