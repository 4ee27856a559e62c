"""What a person reads when they take a case over."""

from __future__ import annotations

from datetime import date

from bot.handoff.dossier import as_card, citations_of, compose
from bot.handoff.dossier_reading import read_dossier
from bot.handoff.wording import TEXTS
from store.asker import SYSTEM
from store.messages import Channel, CitationPart, Outgoing, TextPart
from store.outbox import Letter
from tests.unit.bot.handoff.conftest import World


async def test_the_dossier_holds_what_is_known_and_fits_a_phone(world: World) -> None:
    today = date(2026, 11, 20)
    async with world.database.transaction() as tx:
        for number, text in enumerate(["年费忘了交怎么办", "专利号ZL202010293847.5", "我" * 500], start=1):
            await tx.inbox.receive(world.words(text, f"w{number}"), world.owner.id)
        file = await tx.attachments(SYSTEM).keep(b"x", "回执.jpg", "image/jpeg", world.owner.id, world.now)
        await tx.assets(SYSTEM).put(
            world.company.id, "invention", "2020102938475", world.now, name="一种注塑机"
        )
        await tx.answers(SYSTEM).record(
            world.owner.id,
            world.now,
            inbox_id=None,
            intent="annuity_late",
            question="年费忘了交怎么办",
            revision="r1",
            as_of=today,
            facts={},
            results=[{"citations": [{"title": "专利法实施细则", "article": "第115条"}]}],
        )
        case = await world.asked(tx, statutory_day=date(2026, 11, 25))
        asker = world.staff.as_asker()
        dossier = compose(
            case,
            world.company,
            await tx.assets(asker).of(world.company.id),
            await tx.inbox.of_person(case.person_id),
            await tx.answers(asker).of_person(case.person_id),
            await tx.cases(asker).evidence(case.id),
            await tx.cases(asker).events(case.id),
            today,
        )
    assert dossier.days_left == 5
    assert dossier.words == ("年费忘了交怎么办", "专利号ZL202010293847.5", "我" * 500)
    assert dossier.answered[0].citations == ("《专利法实施细则》第115条",)
    assert dossier.evidence[0].sha256 == file.sha256
    assert dossier.consent is not None
    assert dossier.consent.data == ("企业名称", "本次对话")
    card = as_card(dossier, today)
    assert len(card.lines) <= 16
    assert max(len(value) for _, value in card.lines) <= 160
    shown = dict(card.lines)
    assert shown["期限"] == "离法定期限还有5天（2026年11月25日）"
    assert shown["授权"] == "企业名称、本次对话（2026年11月20日10:00）"
    assert shown["材料"].startswith("回执.jpg（2d711642b726")


async def test_the_dossier_tells_what_was_answered_as_it_was_sent_and_rights_without_a_number(
    world: World,
) -> None:
    today = date(2026, 11, 20)
    sent = Outgoing(
        parts=(
            TextPart(text="第9年年费请在2027年6月3日前交2,000元。"),
            CitationPart(citations=("《专利法实施细则》第115条",), as_of="2026年11月20日"),
        )
    )
    async with world.database.transaction() as tx:
        came = await tx.inbox.receive(world.words("年费多少", "w1"), world.owner.id)
        assert came is not None
        await tx.outbox.write(
            Letter(
                dedupe_key="answer",
                channel=Channel.WEB,
                address="t",
                content=sent,
                person_id=world.owner.id,
                inbox_id=came.id,
            ),
            world.now,
        )
        await tx.assets(SYSTEM).put(
            world.company.id, "invention", "", world.now, dates={"filing": date(2019, 6, 3)}
        )
        for _ in range(2):  # asked twice, told once
            await tx.answers(SYSTEM).record(
                world.owner.id,
                world.now,
                inbox_id=came.id,
                intent="annuity",
                question="",
                revision="r1",
                as_of=today,
                facts={},
                results=[{"rule": "only.an.id"}],
            )
        case = await world.asked(tx)
        dossier = await read_dossier(tx, case, world.staff.as_asker(), today)
    (answered,) = dossier.answered
    assert answered.beginning == "第9年年费请在2027年6月3日前交2,000元。"
    assert answered.citations == ("《专利法实施细则》第115条",)
    assert dossier.assets == ("发明专利（2019年6月3日申请）",)


def test_citations_are_found_wherever_an_answer_keeps_them() -> None:
    results = [
        {"nodes": [{"citation": {"title": "《专利法》", "article": "第42条"}}]},
        {"citations": ["《专利法》第42条", "《商标法》第40条"]},
    ]
    assert citations_of(results) == ("《专利法》第42条", "《商标法》第40条")
    assert citations_of([]) == ()


def test_every_text_can_be_said() -> None:
    for key in TEXTS.keys():  # noqa: SIM118
        TEXTS.say(key, **dict.fromkeys(TEXTS.places(key), "X"))
