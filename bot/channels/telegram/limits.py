"""Telegram's numbers, each with where it is said. Read on 2026-11-21 (Bot API 10.0).

API is core.telegram.org/bots/api, FAQ is core.telegram.org/bots/faq.
"""

from __future__ import annotations

from datetime import timedelta

# FAQ, "My bot is hitting limits": about 30 messages a second to different chats.
BOT_MESSAGES = 30
BOT_PERIOD = timedelta(seconds=1)
# Ours: bulk messages fill at most this much of it, so that an answer always finds room.
BOT_BULK_MESSAGES = 20

# FAQ, same place: not more than one message a second in one chat (short bursts pass, then 429).
PRIVATE_MESSAGES = 1
PRIVATE_PERIOD = timedelta(seconds=1)

# FAQ, same place: at most 20 messages a minute to one group.
GROUP_MESSAGES = 20
GROUP_PERIOD = timedelta(minutes=1)

# API, sendMessage, `text`: 1 to 4096 characters after entities parsing, counted in UTF-16 units.
TEXT_UNITS = 4096
# API, sendDocument, `caption`: 0 to 1024 characters after entities parsing.
CAPTION_UNITS = 1024
# API, InlineKeyboardButton, `callback_data`: 1 to 64 bytes.
CALLBACK_DATA_BYTES = 64
# Ours: Telegram names no number, and answers BUTTONS_TOO_MUCH somewhere above a hundred.
KEYBOARD_BUTTONS = 100
# API, "Sending files": 10 MB for photos, 50 MB for other files.
PHOTO_UPLOAD_BYTES = 10_000_000
# API, sendPhoto, `photo`: width and height together at most 10000 pixels, their ratio at most 20.
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20
FILE_UPLOAD_BYTES = 50_000_000
# API, getFile: a bot downloads files of up to 20 MB.
DOWNLOAD_BYTES = 20_000_000
# API, setWebhook, `secret_token`: 1 to 256 of A-Z a-z 0-9 _ -.
SECRET_TOKEN_CHARACTERS = 256
# API, answerCallbackQuery, `text`: 0 to 200 characters.
CALLBACK_ANSWER_CHARACTERS = 200
# API, createForumTopic, `name`: 1 to 128 characters.
TOPIC_NAME_CHARACTERS = 128
# API, "Getting updates": kept no longer than 24 hours.
UPDATES_KEPT = timedelta(hours=24)

# Ours: the longest update that is read. Telegram's are a few kilobytes; files are not in them.
UPDATE_BYTES = 1_000_000
