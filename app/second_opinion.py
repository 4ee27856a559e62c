"""The second opinion on messages that were not understood, where an endpoint is set."""

from __future__ import annotations

from app.settings import Settings
from bot.mind import Mind
from bot.understanding.chat_endpoint import ChatEndpoint, Endpoint
from bot.understanding.second_opinion import SecondOpinion


def open_second_opinion(settings: Settings, mind: Mind) -> SecondOpinion | None:
    """Return whom to ask, or None without a base URL. Raises EndpointSettingsError for settings that cannot work."""
    if not settings.llm_base_url:
        return None
    endpoint = Endpoint(settings.llm_base_url, settings.llm_model, settings.llm_key.get_secret_value())
    return ChatEndpoint(endpoint, mind.understanding.names)
