"""What was written and not sent is there again, to who wrote it."""

from __future__ import annotations

from desk import unsent
from desk.unsent import Unsent
from store.asker import Role
from tests.unit.desk.conftest import Office, SignIn, press


def test_one_text_a_person_and_case() -> None:
    kept = Unsent()
    kept.keep(1, 1, "写了一半")
    kept.keep(1, 2, "另一件")
    assert (kept.of(1, 1), kept.of(1, 2), kept.of(2, 1)) == ("写了一半", "另一件", "")
    kept.keep(1, 1, "")
    assert (kept.of(1, 1), kept.of(1, 2)) == ("", "另一件")


def test_the_oldest_go_first() -> None:
    kept = Unsent()
    for number in range(unsent._MOST):
        kept.keep(1, number, "x")
    kept.keep(1, 0, "写得最晚")
    kept.keep(2, 0, "x")
    assert (kept.of(1, 0), kept.of(1, 1), kept.of(1, 2)) == ("写得最晚", "", "x")


async def test_a_reply_half_written_waits_for_its_writer(office: Office, sign_in: SignIn) -> None:
    await office.hire("qian", Role.AGENCY, agency_id="one")
    case = await office.case("海天试验")
    user = await sign_in("zhou")
    await user.open(f"/case/{case.id}")
    press(user, "接手")
    await user.should_see("回复客户")
    user.find("回复客户").type("写了一半")
    await user.open("/queue")
    colleague = await sign_in("qian")
    await colleague.open(f"/case/{case.id}")
    await colleague.should_see("由zhou先生在办")
    await colleague.should_not_see("写了一半")
    await user.open(f"/case/{case.id}")
    await user.should_see("写了一半")
    press(user, "发送")
    await user.should_see("待发送")
    await user.open(f"/case/{case.id}")
    (box,) = user.find("回复客户").elements
    assert box.value == ""  # type: ignore[attr-defined]
