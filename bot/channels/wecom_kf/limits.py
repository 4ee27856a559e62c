"""WeChat customer service's numbers, each with where it is said. Read on 2026-11-21.

DOC is developer.work.weixin.qq.com/document/path/, with the page's own "last updated" day behind its number. Error codes
stand with those of WeCom, in `bot.channels.wecom.limits`.
"""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum

from store.messages import Channel
from store.reach import RULES

# DOC 94677 / 96427 (2023-12-19), 概述: within 48 hours of the customer's last message, at most 5 messages. The rule
# stands in the table of who may be written to when; these are its numbers.
WINDOW = RULES[Channel.WECOM_KF].window
WINDOW_MESSAGES = RULES[Channel.WECOM_KF].messages

# DOC 96427, 文本消息 `content`: at most 2048 bytes.
TEXT_BYTES = 2048
# DOC 96427, `msgid`: ours, not used twice in one account, at most 32 bytes of 0-9 a-z A-Z _ -.
MSGID_BYTES = 32
# DOC 96427, 菜单消息: `head_content` and `tail_content` at most 1024 bytes, at most 10 entries.
MENU_HEAD_BYTES = 1024
MENU_ENTRIES = 10
# DOC 96427, `list.click`: `id` at most 128 bytes (an older page: 64), `content` at most 128 bytes.
MENU_ID_BYTES = 64
MENU_CONTENT_BYTES = 128

# DOC 94670 / 94699 (2024-12-23), 读取消息: messages are kept for 3 days, at most 1000 at once; the callback's token is
# good for 10 minutes, without it calls are limited strictly.
MESSAGES_KEPT = timedelta(days=3)
SYNC_MESSAGES = 1000
SYNC_TOKEN_LASTS = timedelta(minutes=10)
# Ours: how often we look without having been called.
SYNC_UNASKED = timedelta(minutes=5)

# DOC 95122 (发送欢迎语等事件响应消息): `welcome_code` is good once, for 20 seconds.
WELCOME_LASTS = timedelta(seconds=20)


# DOC 94665 (获取客服帐号链接): `scene` at most 32 of 0-9 a-z A-Z _ -; to the link of a scene `scene_param`, at most 128
# bytes, may be added, which comes back when the customer opens the chat.
LINK_SCENE = "zhituo"
SCENE_PARAM_BYTES = 128


class ServiceState(IntEnum):
    """DOC 94669 / 94698 (2023-11-30), the table of a session's states."""

    NEW = 0  # the customer wrote; we may answer, queue, or give it to a servicer
    ASSISTANT = 1  # the bot answers
    QUEUED = 2  # waits for a servicer
    PERSON = 3  # with a servicer
    ENDED = 4  # ended, or the customer has not written yet; their next message makes it NEW


# The same page: to which states the API may change a session. Back to the bot leads only through the end.
CHANGES = {
    ServiceState.NEW: frozenset(
        {ServiceState.ASSISTANT, ServiceState.QUEUED, ServiceState.PERSON, ServiceState.ENDED}
    ),
    ServiceState.ASSISTANT: frozenset({ServiceState.QUEUED, ServiceState.PERSON, ServiceState.ENDED}),
    ServiceState.QUEUED: frozenset({ServiceState.PERSON, ServiceState.ENDED}),
    ServiceState.PERSON: frozenset({ServiceState.PERSON, ServiceState.ENDED}),
    ServiceState.ENDED: frozenset(),
}


class Origin(IntEnum):
    """DOC 94699, `origin`: whose message it is."""

    CUSTOMER = 3
    SYSTEM = 4
    SERVICER = 5


class FailType(IntEnum):
    """DOC 94699, 消息发送失败事件 `fail_type`."""

    UNKNOWN = 0
    ACCOUNT_DELETED = 1
    APPLICATION_CLOSED = 2
    TOO_LATE = 4  # more than 48 hours
    SESSION_CLOSED = 5
    TOO_MANY = 6  # more than 5 messages
    NO_CHANNELS_ACCOUNT = 7
    NOT_VERIFIED = 8
    NEITHER = 9
    REFUSED = 10  # the customer does not want our messages


class SessionChange(IntEnum):
    """DOC 94699, 会话状态变更事件 `change_type`."""

    FROM_QUEUE = 1
    HANDED_ON = 2
    ENDED = 3
    TAKEN_UP_AGAIN = 4
