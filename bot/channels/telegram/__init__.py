"""Telegram: aiogram receives, python-telegram-bot delivers."""

import os

# python-telegram-bot 22 gives times as numbers and warns, or as timedelta where this is set before it is imported.
os.environ.setdefault("PTB_TIMEDELTA", "true")
