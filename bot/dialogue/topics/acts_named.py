"""Which act with a day of its own a message names: 终止通知书, 实审费, 上诉. The first of a table that matches is meant.

The kinds are those of `knowledge/deadlines`; what stands before the other is the narrower of two.
"""

from __future__ import annotations

import re

Acts = tuple[tuple[str, re.Pattern[str]], ...]


def _acts(*named: tuple[str, str]) -> Acts:
    return tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in named)


_ABROAD = r".*(欧洲|欧盟|美国|英国|日本|韩国|德国|国外|海外|境外|外国).{0,8}(申请|报|布局|注册)"

_OF_IP = r"(?=.*(?:专利|商标|著作|版权|侵权|抄|仿|盗|冒|商业秘密)).*"
"""The limitation of a debt or a wage is no matter of ours."""

OF_PATENT_OFFICE: Acts = _acts(
    ("oa_next", r"(第二次|二通|再次|第[三四]次)审查意见|二通|三通"),
    ("oa1", r"审查意见|一通|OA"),
    ("reexam_notice", r"复审通知书"),
    ("court_review", r"(复审|无效).{0,4}决定.{0,12}(起诉|告|法院)|(起诉|告).{0,8}(复审|无效).{0,4}决定"),
    ("reexam_request", r"(专利|发明|新型|外观|申请).{0,8}驳回|驳回决定|(?<!企业)(?<!认证)(?<!资质)复审"),
    ("invalid_answer", r"无效.{0,20}(受理通知|答辩|答复|副本)|(答辩|答复).{0,6}无效"),
    ("restore", r"恢复权利|视为撤回|视为放弃|权利?终止|(?<!合同)(?<!协议)终止(的?通知|书)"),
    ("registration", r"(授权|(?<!质押)(?<!备案)登记).{0,4}通知|办理登记"),
    ("correction", r"补正"),
)
OF_MARK_OFFICE: Acts = _acts(
    ("tm_opposition_answer", r"异议.{0,6}答辩|答辩.{0,6}异议"),
    ("tm_review_answer", r"(评审|无效).{0,6}答辩|答辩.{0,4}通知"),
    ("tm_nonuse_evidence", r"(撤三|三年不使用|连续三年).{0,10}(通知|答辩|证据|收到)|提供使用证据"),
    ("tm_correction", r"补正"),
    ("tm_revocation_review", r"(撤三|撤销).{0,20}(驳回|决定)"),
    ("tm_refusal_review", r"驳回"),
    ("tm_opposition", r"(提|想|要|能).{0,6}异议|异议期|初审公告|初步审定"),
)
OF_DAY: Acts = _acts(
    ("exam_request", r"实审|实质审查"),
    ("pct_entry", r"(进入?|入).{0,4}国家阶段"),
    ("paris_trademark", rf"(?=.*商标){_ABROAD}"),
    ("paris_design", rf"(?=.*外观){_ABROAD}"),
    ("paris_patent", _ABROAD),
    ("tm_invalidation_relative", r"(商标|牌子|抢注).{0,30}(想|要|请求|申请|能|提).{0,6}无效"),
    ("inventor_award", r"(发明人|职务发明).{0,6}(奖|酬)"),
    (
        "refund",
        r"(?=.*(?:年费|专利|官费|申请费|滞纳金|代缴))(?:.*)(?:退(费|款|钱|回|给|吗|不)|[能怎]么?退|多交|重复交|交了两次)",
    ),
    ("limitation_patent", r"(?=.*专利).*(时效|(起诉|告|维权).{0,8}来得及)"),
    ("limitation", rf"{_OF_IP}(?:时效|(起诉|告|维权).{{0,8}}来得及)"),
    ("presuit_measure", r"(诉前|保全|禁令).{0,14}(起诉|仲裁)"),
    ("platform_counter", r"平台.{0,12}(转|发).{0,6}(给|来|过)|(申诉|声明).{0,12}转"),
    ("customs_ex_officio", r"海关.{0,14}(扣|通知|查到|发现)"),
    ("appeal", r"上诉|(判决|裁定|一审).{0,20}不服|不服.{0,6}(判决|裁定|一审)"),
)
"""Acts that no paper of an office calls for: they are meant only where their day is told."""
NARROWER = {
    "oa1": "oa_next",
    "tm_review_answer": "tm_opposition_answer",
    "tm_refusal_review": "tm_revocation_review",
}
"""What is not meant where the other is named too: 二通, 审查意见 is the second."""
_OF_MARKS = re.compile(r"商标|初审公告|初步审定|异议|撤三|牌子")


def acts_of_office(text: str) -> Acts:
    """Return the papers of the office that the text is about: 驳回 of a mark is another act than of a patent."""
    return OF_MARK_OFFICE if _OF_MARKS.search(text) else OF_PATENT_OFFICE
