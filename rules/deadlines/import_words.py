"""How lists of rights name their columns and values, and what is said of rows that are not understood."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from rules.deadlines.assets import AssetKind


class Column(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    REGISTRATION_NUMBER = "registration_number"
    KIND = "kind"
    TITLE = "title"
    FILING = "filing"
    PRIORITY = "priority"
    PUBLICATION = "publication"
    GRANT = "grant"
    REGISTRATION = "registration"
    EXPIRY = "expiry"
    STATUS = "status"
    REDUCTION = "reduction"
    PAID_THROUGH = "paid_through"
    CLASSES = "classes"
    OWNER = "owner"


_NAMES: Final = {
    Column.NUMBER: "申请号 专利号 专利申请号 申请号/专利号 专利号/申请号 申请（专利）号 申请专利号 专利申请号/专利号 商标申请号 号码",
    Column.REGISTRATION_NUMBER: "注册号 商标注册号 注册证号 申请/注册号 申请号/注册号 注册号/申请号",
    Column.KIND: "类型 专利类型 种类 专利种类 权利类型 申请类型 知识产权类型 案件类型",
    Column.TITLE: "名称 专利名称 发明名称 发明创造名称 商标名称 申请名称 标题 商标",
    Column.FILING: "申请日 申请日期 专利申请日 递交日",
    Column.PRIORITY: "优先权日 最早优先权日",
    Column.PUBLICATION: "公布日 公开日 公布公告日 公开（公告）日 公开日期",
    Column.GRANT: "授权日 授权公告日 授权日期 授权公告日期 公告日",
    Column.REGISTRATION: "注册日 注册日期 注册公告日 注册公告日期 核准注册日",
    Column.EXPIRY: "有效期 有效期至 专用权期限止 到期日 有效期届满日 专用期截止日 届满日 有效期止",
    Column.STATUS: "状态 法律状态 案件状态 专利状态 当前状态",
    Column.REDUCTION: "费减 费减比例 减缴比例 费用减缴 减缓比例 费减情况",
    Column.PAID_THROUGH: "已缴年度 已缴费年度 已缴至年度 年费已缴年度 最近已缴年度 已缴年费年度",
    Column.CLASSES: "类别 国际分类 商标类别 尼斯分类 国际类别",
    Column.OWNER: "权利人 专利权人 申请人 注册人 商标注册人",
}
# Names are compared in lower case, without spaces, and without what follows a bracket or colon.
COLUMN_NAMES: Final = {
    name.split("（")[0].lower(): column for column, names in _NAMES.items() for name in names.split()
}
LABELS: Final = {column: names.split()[0] for column, names in _NAMES.items()}
KINDS: Final = {
    "发明": AssetKind.INVENTION,
    "实用": AssetKind.UTILITY_MODEL,
    "外观": AssetKind.DESIGN,
    "商标": AssetKind.TRADEMARK,
}
EMPTY: Final = frozenset({"-", "--", "—", "/", "无", "暂无", "空", "N/A", "n/a"})
PENDING: Final = ("审查", "申请", "实审", "公布", "公开", "受理", "待审", "驳回", "复审")
ENDED: Final = (
    "终止",
    "失效",
    "届满",
    "放弃",
    "视为撤回",
    "主动撤回",
    "全部无效",
    "已无效",
    "已注销",
    "已撤销",
)

NO_HEADER: Final = "没有找到表头：前20行里要有一行写着“申请号”或“注册号”等列名。"
TWICE: Final = "{number}在表里出现了两次，内容不一样，请核对后只留一行。"
FUTURE: Final = "“{label}”是{day}，在今天以后，请核对。"
BAD_KIND: Final = "“类型”应当是发明、实用新型、外观设计或商标，写的是“{value}”。"
KIND_CLASH: Final = "申请号{number}是{own}，类型一栏写的是{said}，请核对。"
NO_FILING: Final = "没有申请日，期限算不出来，请补上。"
YEAR_CLASH: Final = "申请号{number}的年份早于申请日{filing}，两者必有一个写错了。"
GRANT_BEFORE: Final = "授权公告日早于申请日，请核对。"
NO_CHECK: Final = "申请号没有写校验位，已补为{number}，请与证书核对"
DIVISIONAL: Final = "申请日早于申请号的年份：如果是分案申请，请确认申请日是母案的申请日"
HAS_ENDED: Final = "状态是“{status}”，不列期限；刚刚终止的可能还能恢复，请确认"
NO_REGISTRATION: Final = "没有注册日，也没有有效期，续展期限算不出来，请至少补一个。"
EXPIRY_BEFORE: Final = "有效期不晚于注册日，请核对。"
BAD_CLASSES: Final = "类别应当是1到45之间的数字，几个类别用逗号隔开。"
BAD_DAY: Final = "“{label}”不是能确定的日期：“{value}”，请写成2020-04-15这样。"
BAD_REDUCTION: Final = "减缴比例只能是0、70%或85%，写的是“{value}”。"
JOINT: Final = "有{owners}个权利人，最多减缴70%，写的是85%，请核对。"
BAD_PAID: Final = "已缴年度应当是1到20之间的数字，写的是“{value}”。"
