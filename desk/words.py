"""Labels and sentences of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from knowledge.catalogue import Catalogue
from knowledge.drafts import DraftState
from rules.days import NINGBO, format_day
from store.agency_groups import EndedHow
from store.asker import Role
from store.case_records import CaseEventKind, CaseState
from store.contact_tasks import Cleared, WhyNot
from store.messages import Channel
from store.records import Cause, InboxState, ObligationStatus, OutboxState

TEXTS: Final = Catalogue.load(Path(__file__).parent / "texts.yaml")

ROLES: Final[Mapping[Role, str]] = {
    Role.OWNER: "企业",
    Role.AGENCY: "机构",
    Role.EDITOR: "编辑",
    Role.APPROVER: "审批",
    Role.OPERATOR: "运维",
    Role.SYSTEM: "系统",
}
CASE_STATES: Final[Mapping[CaseState, str]] = {
    CaseState.BOT: "已交还",
    CaseState.REQUESTED: "已申请",
    CaseState.QUEUED: "待分派",
    CaseState.OFFERED: "待接手",
    CaseState.HUMAN: "待回复",
    CaseState.WAITING_CUSTOMER: "等客户",
    CaseState.RETURNING: "交还中",
    CaseState.CLOSED: "已结束",
}
DRAFT_STATES: Final[Mapping[DraftState, str]] = {
    DraftState.DRAFT: "草稿",
    DraftState.SUBMITTED: "待审批",
    DraftState.PUBLISHED: "已发布",
    DraftState.DISCARDED: "已放弃",
}
CASE_EVENTS: Final[Mapping[CaseEventKind, str]] = {
    CaseEventKind.REQUESTED: "客户申请转人工并同意转交资料",
    CaseEventKind.QUEUED: "进入队列",
    CaseEventKind.OFFERED: "派到机构",
    CaseEventKind.PROMISED: "告知客户接手时间",
    CaseEventKind.ACCEPTED: "接手",
    CaseEventKind.AGENT_SAID: "回复",
    CaseEventKind.CUSTOMER_SAID: "客户",
    CaseEventKind.AWAITING: "等客户",
    CaseEventKind.NOTED: "内部备注",
    CaseEventKind.REASSIGNED: "转给同事",
    CaseEventKind.RETURN_STARTED: "结束人工对话",
    CaseEventKind.RETURNED: "交还机器人",
    CaseEventKind.CANCELLED: "客户取消",
    CaseEventKind.CLOSED: "办结",
}
OUTBOX_STATES: Final[Mapping[OutboxState, str]] = {
    OutboxState.PENDING: "待发送",
    OutboxState.SENDING: "发送中",
    OutboxState.SENT: "已送出",
    OutboxState.GONE: "对方已停用",
    OutboxState.INVALID: "地址无效",
    OutboxState.UNKNOWN: "可能已送达",
    OutboxState.UNREADABLE: "内容读不出",
    OutboxState.REFUSED: "未发（对话已移交）",
    OutboxState.CANCELLED: "已撤回",
}
INBOX_STATES: Final[Mapping[InboxState, str]] = {
    InboxState.WAITING: "待处理",
    InboxState.DONE: "已处理",
    InboxState.FAILED: "处理失败",
    InboxState.UNREADABLE: "内容读不出",
}
CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.WEB: "网页",
    Channel.TERMINAL: "终端",
    Channel.TELEGRAM: "Telegram",
    Channel.TELEGRAM_FORUM: "Telegram群",
    Channel.WECOM: "企业微信",
    Channel.WECOM_KF: "微信客服",
    Channel.EMAIL: "邮件",
    Channel.DESK: "工作台",
}
CAUSES: Final[Mapping[Cause, str]] = {
    Cause.ANSWER: "回答",
    Cause.REMINDER: "提醒",
    Cause.BROADCAST: "政策推送",
    Cause.CASE: "工单",
    Cause.NOTICE: "通知",
}
GROUP_ENDINGS: Final[Mapping[EndedHow, str]] = {
    EndedHow.REPLACED: "换了群",
    EndedHow.UNBOUND: "解除绑定",
    EndedHow.REMOVED: "机器人被移出群",
}
WHY_NOT: Final[Mapping[WhyNot, str]] = {
    WhyNot.NOBODY: "没有联系方式",
    WhyNot.BLOCKED: "已停用聊天",
    WhyNot.INVALID: "地址不对",
    WhyNot.WINDOW: "微信回复时限已过",
    WhyNot.UNSEEN: "网页一直没打开",
    WhyNot.DECLINED: "本人停收提醒",
    WhyNot.FAILED: "没有送到",
}
CLEARED: Final[Mapping[Cleared, str]] = {
    Cleared.REACHABLE: "又能联系上了",
    Cleared.CALLED: "已电话联系",
    Cleared.NOTHING_DUE: "没有未办的期限了",
}
OBLIGATION_STATES: Final[Mapping[ObligationStatus, str]] = {
    ObligationStatus.OPEN: "待办",
    ObligationStatus.PAID: "已缴费",
    ObligationStatus.GIVEN_UP: "已放弃",
    ObligationStatus.SUPERSEDED: "已失效",
}


def at(instant: datetime) -> str:
    """Return `2026年11月20日 10:00`, Ningbo time."""
    here = instant.astimezone(NINGBO)
    return f"{format_day(here.date())} {here:%H:%M}"


def lasting(span: timedelta) -> str:
    """Return how long something has lasted: `5分钟`, `3小时`, `2天`."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}分钟"
    return f"{minutes // 60}小时" if minutes < 60 * 24 else f"{minutes // (60 * 24)}天"
