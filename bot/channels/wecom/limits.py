"""WeCom's numbers and error codes, each with where it is said. Read on 2026-11-21.

DOC is developer.work.weixin.qq.com/document/path/, with the page's own "last updated" day behind its number.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

# DOC 90454 (2023-08-28), 发送应用消息频率: 30 a minute and 1,000 an hour to one member; what is above is dropped
# silently, so these are never reached.
MEMBER_MESSAGES = 30
MEMBER_PERIOD = timedelta(minutes=1)
MEMBER_HOURLY_MESSAGES = 1_000
# Ours: the hour in windows of ten minutes, as long as counts are kept; six of them stay below 1,000.
MEMBER_LONG_MESSAGES = 160
MEMBER_LONG_PERIOD = timedelta(minutes=10)
# DOC 90454: who is stopped by the minute is stopped for 60 seconds.
MINUTE_BLOCK = timedelta(seconds=60)

# DOC 90236 (message/send), 文本消息 `content`: at most 2048 bytes, the rest is cut off.
TEXT_BYTES = 2048
# DOC 90236, 模板卡片 按钮交互型: at most 6 buttons.
CARD_BUTTONS = 6
# DOC 90236, `button_list.key`: at most 1024 bytes, comes back as EventKey.
BUTTON_KEY_BYTES = 1024
# DOC 90236, `button_list.text`: better not above 10 characters.
BUTTON_CHARACTERS = 10
# DOC 90236, `main_title.title`: better not above 26 characters; `sub_title_text`: not above 112.
CARD_TITLE_CHARACTERS = 26
CARD_TEXT_CHARACTERS = 112
# DOC 90236, `task_id`: not used twice in one application, at most 128 bytes of 0-9 a-z A-Z _ - @.
TASK_ID_BYTES = 128

# DOC 94945 (2025-07-24), 更新模版卡片消息: the code that comes with a press is good for one change, within 72 hours. What is
# later than that WeCom refuses. Ours: the longest code that is kept.
CARD_CODE_CHARACTERS = 512

# DOC 90253 / 96484 (2024-07-22), 上传的媒体文件限制: above 5 bytes; pictures (JPG, PNG) 10 MB, files 20 MB.
SMALLEST_FILE_BYTES = 6
PHOTO_UPLOAD_BYTES = 10 * 1024 * 1024
FILE_UPLOAD_BYTES = 20 * 1024 * 1024

# DOC 91039 (2024-03-26): valid for `expires_in` seconds, normally 7200; may be taken back earlier.
TOKEN_LASTS = timedelta(seconds=7200)
# Ours: asked for anew so long before its end.
TOKEN_MARGIN = timedelta(minutes=5)

# DOC 91144 / 96211 (加解密方案说明): AES-256-CBC, the key is 43 characters of base64, PKCS#7 to a multiple of 32 bytes.
AES_KEY_CHARACTERS = 43
PADDING_BLOCK = 32
# DOC 96238 (回调配置, 2024-12-13): the token is at most 32 letters and digits.
CALLBACK_TOKEN_CHARACTERS = 32
# DOC 90930: an answer within 5 seconds, else the callback comes again, three times in all.
CALLBACK_ANSWER = timedelta(seconds=5)
CALLBACK_DELIVERIES = 3
# Ours: the longest callback that is read; WeCom's are a few kilobytes, files are not in them.
CALLBACK_BYTES = 256 * 1024
# Ours: the longest answer of the API that is read as JSON. A thousand customer messages fit.
ANSWER_BYTES = 8 * 1024 * 1024


class Meaning(Enum):
    """What an error code says of the call."""

    TOKEN = "token"  # the access token has ended: fetch another one, call again
    CREDENTIALS = "credentials"  # a setting is wrong or lacks a right: an operator must act, nothing was done
    BUSY = "busy"  # not done, try again soon
    TOO_FAST = "too_fast"  # not done: too many calls, everybody waits
    NOBODY = "nobody"  # none of those addressed may be written to
    UNKNOWN_ADDRESS = "unknown_address"  # there is no such member
    CONTENT = "content"  # what was to be sent is refused
    WINDOW = "window"  # customer service: no more messages until the customer writes
    SESSION = "session"  # customer service: the session is with a person, or has ended


# DOC 90455 (全局错误码) for all; 95001, 95002, 95013, 95014, 95017 and 95018 concern customer service.
ERROR_CODES = {
    -1: Meaning.BUSY,  # 系统繁忙
    6000: Meaning.BUSY,  # 数据版本冲突
    40001: Meaning.CREDENTIALS,  # 不合法的secret
    40003: Meaning.UNKNOWN_ADDRESS,  # 无效的UserID
    40004: Meaning.CONTENT,  # 不合法的媒体文件类型
    40006: Meaning.CONTENT,  # 不合法的文件大小
    40007: Meaning.CONTENT,  # 不合法的media_id
    40008: Meaning.CONTENT,  # 不合法的msgtype
    40009: Meaning.CONTENT,  # 图片大小不是有效值
    40013: Meaning.CREDENTIALS,  # 不合法的CorpID
    40014: Meaning.TOKEN,  # 不合法的access_token
    40033: Meaning.CONTENT,  # 不合法的请求字符
    40056: Meaning.CREDENTIALS,  # 不合法的agentid
    40058: Meaning.CONTENT,  # 不合法的参数
    40096: Meaning.UNKNOWN_ADDRESS,  # 不合法的外部联系人userid
    41001: Meaning.TOKEN,  # 缺少access_token
    42001: Meaning.TOKEN,  # access_token已过期
    44004: Meaning.CONTENT,  # 内容为空
    45002: Meaning.CONTENT,  # 消息内容大小超过限制
    45009: Meaning.TOO_FAST,  # 接口调用超过限制
    45033: Meaning.BUSY,  # 接口并发调用超过限制
    48002: Meaning.CREDENTIALS,  # API接口无权限调用
    60011: Meaning.CREDENTIALS,  # 没有权限
    60020: Meaning.CREDENTIALS,  # 不安全的访问IP
    60111: Meaning.UNKNOWN_ADDRESS,  # UserID不存在
    81013: Meaning.NOBODY,  # 全部非法或无权限
    95000: Meaning.CREDENTIALS,  # 不合法的open_kfid
    95001: Meaning.WINDOW,  # 发送客服消息次数限制
    95002: Meaning.WINDOW,  # 发送客服消息时间限制
    95013: Meaning.SESSION,  # 会话已经结束
    95014: Meaning.CREDENTIALS,  # 接待人员未激活
    95017: Meaning.CREDENTIALS,  # API开关处于关闭状态
    95018: Meaning.SESSION,  # 发送消息时的会话状态不合法
}
