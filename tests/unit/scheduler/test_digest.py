"""The digest: the most urgent first, the others with what they cost today, nothing said that is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from rules.citation import Citation
from scheduler.digest import Item, by_urgency, compose, later_day
from scheduler.ladder import Phase, Rung
from store.messages import CitationPart, TablePart, Verb
from store.obligation_records import LateStep, ObligationDetails
from store.records import Asset, AssetStatus, ObligationStatus, StoredObligation

TODAY = date(2027, 6, 10)


def item(number: int, phase: Phase, safe: date, **values: Any) -> Item:
    details = values.pop("details", ObligationDetails())
    obligation = StoredObligation(
        **{
            "id": number,
            "company_id": 1,
            "asset_id": number,
            "kind": "annuity",
            "key": "annuity:8",
            "title": f"第{number}年度年费",
            "due_revision": 1,
            "nominal": safe,
            "legal": safe,
            "safe": safe,
            "grace_end": None,
            "amount_fen": 10000,
            "provisional": False,
            "citations": [Citation(title=f"法{number}", article="第1条").model_dump(mode="json")],
            "details": details.model_dump(mode="json"),
            "status": ObligationStatus.OPEN,
            "snoozed_until": None,
            "paid_on": None,
            "receipt_id": None,
            "next_at": datetime(2027, 6, 10, tzinfo=UTC),
            **values,
        }
    )
    asset = Asset(
        id=number,
        company_id=1,
        right_type="invention",
        number=f"ZL{number}",
        name="",
        dates={},
        details={},
        status=AssetStatus.ACTIVE,
        version=1,
    )
    return Item(obligation, asset, Rung("d0", TODAY, TODAY, phase, firm=True))


def late(number: int, step_ends: date, grace_end: date) -> Item:
    steps = (
        LateStep(first=TODAY - timedelta(days=20), last=step_ends, surcharge_fen=500, total_fen=10500),
        LateStep(first=step_ends + timedelta(days=1), last=grace_end, surcharge_fen=900, total_fen=10900),
    )
    details = ObligationDetails(late_steps=steps)
    return item(number, Phase.GRACE, date(2027, 4, 1), grace_end=grace_end, details=details)


def test_what_ends_or_grows_dearer_this_week_comes_first() -> None:
    items = [
        item(1, Phase.AHEAD, date(2027, 7, 10)),
        late(2, date(2027, 8, 1), date(2027, 10, 1)),
        item(3, Phase.AHEAD, date(2027, 6, 17)),
        late(4, date(2027, 6, 15), date(2027, 10, 1)),
        item(5, Phase.RESTORE, date(2027, 1, 1)),
    ]
    assert [one.obligation.id for one in by_urgency(items, TODAY)] == [4, 3, 2, 5, 1]


def test_the_others_are_listed_with_what_they_cost_today_and_all_sources_are_named() -> None:
    items = [item(1, Phase.AHEAD, date(2027, 6, 11)), late(2, date(2027, 8, 1), date(2027, 10, 1))]
    message = compose(items, "", TODAY)
    (table,) = (part for part in message.parts if isinstance(part, TablePart))
    assert table.rows == (("发明专利ZL2", "第2年度年费", "2027年8月1日", "105元"),)
    assert "一共要缴205元" in message.plain_text()
    assert isinstance(message.parts[-1], CitationPart)
    assert message.parts[-1].citations == ("《法1》第1条", "《法2》第1条")
    seen = next(choice for choice in message.choices if choice.action.verb is Verb.SEEN)
    assert (seen.action.about, seen.action.value) == ("1", "2")


def test_an_amount_that_is_not_known_is_neither_said_nor_summed() -> None:
    unknown = item(1, Phase.AHEAD, date(2027, 6, 11), amount_fen=None)
    message = compose([unknown, item(2, Phase.AHEAD, date(2027, 6, 30))], "", TODAY)
    text = message.plain_text()
    assert "前办好" in text
    assert "一共要缴" not in text
    assert message.choices[0].text == "已办好"


def test_two_hundred_assets_are_one_short_message() -> None:
    items = [item(number, Phase.AHEAD, date(2027, 7, 10)) for number in range(1, 201)]
    message = compose(items, "陈经理", TODAY)
    (table,) = (part for part in message.parts if isinstance(part, TablePart))
    assert len(table.rows) == 11
    assert "还有189件" in table.rows[-1][0]
    assert "200件事" in message.plain_text()


def test_what_a_locked_phone_shows_is_what_to_do_by_when_and_for_how_much() -> None:
    due = [item(8, Phase.AHEAD, date(2027, 7, 9))]
    assert (
        compose(due, "陈经理", TODAY)
        .plain_text()
        .startswith("陈经理，您好。第8年度年费，请在2027年7月9日（周五）前缴100元。\n")
    )
    lost = compose([item(1, Phase.RESTORE, date(2027, 1, 1))], "", TODAY)
    assert lost.plain_text().startswith("您好。第1年度年费，请先查这项权利现在的状态；")


def test_a_right_that_may_be_lost_leads_to_a_person() -> None:
    message = compose([item(1, Phase.RESTORE, date(2027, 1, 1))], "", TODAY)
    assert "权利可能已经终止" in message.plain_text()
    assert Verb.HUMAN in {choice.action.verb for choice in message.choices}
    assert "前缴" not in message.plain_text()


def test_later_is_the_sooner_the_nearer_the_end() -> None:
    waits = [
        (later_day(item(1, Phase.AHEAD, TODAY + timedelta(days=left)), TODAY) - TODAY).days
        for left in (90, 31, 30, 15, 10, 6, 5, 1, 0)
    ]
    assert waits == [14, 14, 7, 7, 3, 3, 1, 1, 1]
