"""A day is taken for what the words say it is the day of; in doubt it is taken for nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.dialogue.conversation import Conversation
from bot.dialogue.days_told import days_told
from bot.dialogue.faq_index import FaqIndex
from bot.dialogue.topics.said import kind_said, mark_values, patent_values
from bot.dialogue.turn import Turn
from bot.dialogue.world import Heard, World
from bot.understanding.understand import Understanding
from knowledge.loader import KnowledgeBase
from store.messages import IncomingKind

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def turn_of(understanding: Understanding, knowledge: KnowledgeBase, faq: FaqIndex) -> Any:
    def said(text: str) -> Turn:
        heard = Heard(IncomingKind.TEXT, text, understanding.understand(text, TODAY))
        return Turn(Conversation(), heard, World(knowledge, faq), TODAY)

    return said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("授权公告日2021年5月6日，申请日2019年3月4日", "grant filing"),
        ("2019年3月4日申请，2021年5月6日授权", "filing grant"),
        ("优先权日2019年3月4日，申请日2020年3月1日", "priority filing"),
        ("申请日是2019年3月4日", "filing"),
        ("申请时间：2019-03-04", "filing"),
        ("我们2019年3月4日向国家知识产权局申请的", "filing"),
        ("2019年3月4日交的申请", "filing"),
        ("2019年3月4日交的年费", "paid"),
        ("2019年3月4日买来的", "other"),
        ("2019年3月4日受理的", "other"),
        ("2019年3月4日拿到证书", "other"),
        ("证书上的日期是2019年3月4日", "other"),
        ("公司2018年5月1日成立，发明2020年4月15日申请", "other filing"),
        ("我2026年11月1日收到缴费通知书", "receipt"),
        ("收到通知是2026年11月1日", "receipt"),
        ("发文日2026年11月3日", "issue"),
        ("收到商标补正通知书 2026年11月5日发的", "issue"),
        ("2026年3月2日知道被抄", "learned"),
        ("收到审查意见 2024年5月1日申请 2026年11月2日", "filing unsaid"),
        ("收到起诉状 2026年11月10日", "receipt"),
        ("2026年4月15日忘交年费", "paid"),
        ("2027年1月15日商标到期", "expiry"),
        ("2026年4月15日没缴", "paid"),
        ("商标2016年12月20号到期的 不是 是2026年12月20号到期", "expiry"),
        ("商标2017年3月14日注册，不对，是2018年3月14日", "registration"),
        ("申请日2020年4月15日，不是PCT，2021年5月6日授权", "filing grant"),
        ("2026年9月20日发的终止通知", "issue"),
        ("初审公告2026年8月21日", "publication"),
        ("有效期2018年2月7日到2028年2月6日", "registration expiry"),
        ("有效期至2028年2月6日", "expiry"),
        ("2018年2月7日核准注册", "registration"),
        ("2018年2月7日转让过来的", "other"),
        ("公司2018年5月1日注册，做模具的", "other"),
        ("去年1月1日注册的公司", "other"),
        ("2026年1月1日以后要交的发明年费", "other"),
        ("2026年12月31日前要交的年费", "paid"),
        ("今天是2026年11月20日，2020年4月15日申请的发明", "unsaid other filing"),
        ("从2020年4月15日起算的发明", "unsaid"),
        ("专用期限2018年3月14日至2028年3月13日", "registration expiry"),
        ("合同是2020年4月15日签的，发明专利", "other"),
        ("商标2018年5月1日注册", "registration"),
        ("2020年4月15日的发明", "unsaid"),
        ("2020年4月15日", "unsaid"),
    ],
)
def test_what_a_day_is_the_day_of(turn_of: Any, text: str, told: str) -> None:
    assert " ".join(one.of for one in days_told(turn_of(text))) == told


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "发明专利，授权公告日2021年5月6日，申请日2019年3月4日",
            {"申请日": "2019-03-04", "授权公告日": "2021-05-06"},
        ),
        ("发明专利2020年4月15日买来的，年费多少", {}),
        ("发明专利2025年4月15日交过一次年费", {}),
        ("发明，2021年5月6日授权的，年费多少", {"授权公告日": "2021-05-06"}),
        ("发明 2020年4月15日 年费", {"申请日": "2020-04-15"}),
        ("今天能交发明年费吗", {}),
        ("今天是2026年11月20日，发明年费多少", {}),
        ("昨天想起来，发明年费还没交", {}),
        ("昨天申请的发明", {"申请日": "2026-11-19"}),
        ("发明 2020年4月15日 2022年8月2日 年费", {}),
        ("发明 2019年3月4日申请 2025年1月1日 年费", {"申请日": "2019-03-04"}),
    ],
)
def test_the_days_of_a_patent(turn_of: Any, text: str, values: dict[str, str]) -> None:
    assert {name: day for name, day in patent_values(turn_of(text)).items() if name.endswith("日")} == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("商标2017年3月14日申请，2018年2月7日注册", {"商标注册日": "2018-02-07"}),
        ("商标有效期至2028年2月6日", {"商标有效期至": "2028-02-06"}),
        ("商标是2018年2月7日转让过来的", {}),
        ("商标2018年2月7日", {"商标注册日": "2018-02-07"}),
    ],
)
def test_the_days_of_a_mark(turn_of: Any, text: str, values: dict[str, str]) -> None:
    assert mark_values(turn_of(text)) == values


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我们有3件实用新型1件发明，发明是2021年6月18日申请的", "invention"),
        ("有发明也有实用新型，2021年6月18日申请的实用新型年费多少", "utility_model"),
        ("有3件实用新型1件发明，年费怎么算", None),
        ("不是发明，是实用新型，2020年4月15日申请", None),
        ("发明专利2021年6月18日申请，这件发明年费多少", "invention"),
    ],
)
def test_of_two_kinds_the_one_beside_the_day_is_meant(turn_of: Any, text: str, kind: str | None) -> None:
    assert kind_said(turn_of(text)) == kind
