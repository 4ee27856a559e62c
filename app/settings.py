"""Everything that differs between machines, read from the environment (`ZHITUO_…`) or a `.env` file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The settings of one installation. All have a default with which the service runs without any account."""

    model_config = SettingsConfigDict(env_prefix="ZHITUO_", env_file=".env", extra="ignore")

    data_dir: Path = PROJECT / "var"
    database_url: str = ""  # empty: SQLite in `data_dir`
    knowledge_dir: Path = PROJECT / "knowledge"
    model_dir: Path | None = None  # where the trained model is kept between starts; empty: in `data_dir`

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""  # how people reach us from outside, for webhooks and links
    demo: bool = True  # fill an empty database with three companies, an agency and two bureau people

    telegram_token: SecretStr = SecretStr("")
    telegram_base_url: str = "https://api.telegram.org"
    telegram_webhook_secret: SecretStr = SecretStr("")  # set: webhook; empty: polling

    wecom_base_url: str = "https://qyapi.weixin.qq.com"
    wecom_corp_id: str = ""
    wecom_agent_id: int = Field(default=0, ge=0)  # the application of members; with its secret it is on
    wecom_secret: SecretStr = SecretStr("")
    wecom_token: SecretStr = SecretStr("")
    wecom_aes_key: SecretStr = SecretStr("")
    wecom_kf_id: str = ""  # the customer service account's open_kfid; with its secret it is on
    wecom_kf_secret: SecretStr = SecretStr("")
    wecom_kf_token: SecretStr = SecretStr("")
    wecom_kf_aes_key: SecretStr = SecretStr("")

    email_host: str = ""  # with a mail server e-mail is on
    email_port: int = Field(default=587, ge=1, le=65535)
    email_tls: Literal["starttls", "implicit", "none"] = "starttls"
    email_user: str = ""
    email_password: SecretStr = SecretStr("")
    email_sender: str = ""  # 知托 <notice@example.cn>
    link_secret: SecretStr = SecretStr("")  # signs links in mails; 16 characters or more

    llm_base_url: str = (
        ""  # an OpenAI-compatible endpoint, up to /v1: asked only about what was not understood
    )
    llm_key: SecretStr = SecretStr("")
    llm_model: str = ""

    reminder_hour: int = Field(default=9, ge=0, le=23)  # Ningbo time
    log_level: str = "INFO"
    log_json: bool = False
    metrics_token: SecretStr = SecretStr("")  # lets other machines read `/metrics`; empty: only this one

    def secrets(self) -> list[str]:
        """Return every secret that is set: none of them is ever logged."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return [
            found for value in values if isinstance(value, SecretStr) and (found := value.get_secret_value())
        ]

    @property
    def base_url(self) -> str:
        """Return where links to this installation begin."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def database(self) -> str:
        """Return the address of the database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'zhituo.sqlite3'}"

    @property
    def model_file(self) -> Path:
        """Return where the trained model is kept between starts."""
        return (self.model_dir or self.data_dir) / "understanding.npz"

    @property
    def revisions_file(self) -> Path:
        """Return where published revisions of the knowledge are kept."""
        return self.data_dir / "revisions.json"
