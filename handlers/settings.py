"""The settings, from the environment; `bot.py` puts there what a file `.env` in the current folder says."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableError

from knowledge.model import Language

_HOST = re.compile(r"[0-9a-fA-F:.]*:[0-9a-fA-F:.]*|[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
"""An IPv6 address, or a name or IPv4 address."""
MOUNTED = Path("/run/secrets")
"""Where containers find their secrets."""


class SettingsError(Exception):
    """A setting is missing or wrong. The message names it and says what it should be, in one line."""


class Listen(NamedTuple):
    """Where a server waits for connections."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _ids(value: Any) -> Any:
    """ "12, 34" as a tuple of numbers."""
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise ValueError("should be Telegram user ids (numbers), separated by commas, for example 123456,234567")
    return tuple(int(part) for part in parts)


def _listen(value: Any) -> Any:
    """ "127.0.0.1:8443" as host and port."""
    if not isinstance(value, str):
        return value
    host, _, port = value.rpartition(":")
    host = host.strip("[]")
    if not _HOST.fullmatch(host) or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError("should be host:port, for example 127.0.0.1:8443")
    return Listen(host, int(port))


def _listen_or_none(value: Any) -> Any:
    """ "127.0.0.1:8081" as host and port, "none" as None."""
    return None if isinstance(value, str) and value.strip().lower() == "none" else _listen(value)


def _root(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("should begin with http:// or https://, for example https://api.telegram.org")
    return value.rstrip("/")


def _hook(value: str) -> str:
    return _root(value) if value else value


def _token(value: SecretStr) -> SecretStr:
    number, _, rest = value.get_secret_value().partition(":")
    if value.get_secret_value() and not (number.isdecimal() and re.fullmatch("[A-Za-z0-9_-]+", rest)):
        raise ValueError("should look like 123456:ABC-def, as @BotFather gives it")
    return value


def _secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch("[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
        raise ValueError("should be at most 256 of A-Z, a-z, 0-9, _ and -")
    return value


def _secrets_dir() -> Path | None:
    """The folder with a file for each secret, such as ``telegram_token``: the one that SECRETS_DIR names, or that systemd
    (``LoadCredential=``) or a container has put there.

    Raises:
        SettingsError: SECRETS_DIR names no folder.
    """
    if named := os.environ.get("SECRETS_DIR"):
        if not os.path.isdir(named):  # noqa: PTH112 - a Path raises where the name is too long for one
            raise SettingsError(
                "SECRETS_DIR should be a folder with a file for each secret, for example telegram_token."
            )
        return Path(named)
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    folder = Path(given) if given else MOUNTED
    return folder if folder.is_dir() else None


class Settings(BaseSettings):
    """Everything that can be set. The description of each is what `bot.py settings` prints."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    telegram_token: Annotated[SecretStr, AfterValidator(_token)] = Field(
        SecretStr(""), description="the bot's token from @BotFather; `bot.py run` needs it"
    )
    secrets_dir: Path | None = Field(
        None,
        description="folder with a file for each secret, such as telegram_token; left empty, that of systemd or the container",
    )
    telegram_api_base_url: Annotated[str, AfterValidator(_root)] = Field(
        "https://api.telegram.org", description="root of the Bot API server; the bot adds /bot… and /file/bot…"
    )
    webhook_url: Annotated[str, AfterValidator(_hook)] = Field(
        "", description="public address for updates; left empty, the bot polls"
    )
    webhook_listen: Annotated[Listen, NoDecode, BeforeValidator(_listen)] = Field(
        Listen("127.0.0.1", 8443), description="host:port on which updates are received, behind a proxy that ends TLS"
    )
    webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] = Field(
        SecretStr(""),
        description="what Telegram must send along, compared in constant time; left empty, a new one is made at every start",
    )
    preview_listen: Annotated[Listen, NoDecode, BeforeValidator(_listen)] = Field(
        Listen("127.0.0.1", 8080),
        description="host:port of the local chat page; whoever reaches it may use it as admin",
    )
    data_dir: Path = Field(
        Path("var"),
        description="folder of knowledge.db, people.db and of what is derived from them (prepared.json, eval-last.json)",
    )
    ops_listen: Annotated[Listen | None, NoDecode, BeforeValidator(_listen_or_none)] = Field(
        Listen("127.0.0.1", 8081), description="host:port of /healthz, /readyz and /metrics; none for no such server"
    )
    backup_dir: Path | None = Field(None, description="folder of the nightly backups; left empty, backups in DATA_DIR")
    backup_keep: Annotated[int, Field(ge=0, le=3650)] = Field(
        14, description="nightly backups that are kept, the oldest goes first; 0 for no nightly backup"
    )
    backup_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        2, description="hour of the day, by the clock of WIB, from which the nightly backup is made"
    )
    open_data_dir: Path | None = Field(
        None, description="folder where a copy of knowledge.db is kept for publishing; left empty, none is"
    )
    owner_ids: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_ids)] = Field(
        (), description="Telegram user ids of the owners, separated by commas; they are told of errors and reports"
    )
    default_language: Language = Field("id", description="id or en: spoken where nothing else tells the language")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["text", "json"] = Field(
        "text", description="text or json: one line an event either way, never with a token or the text of a message"
    )
    question_log_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        90,
        description="days that unanswered questions (without who asked), reports, requests, decided proposals, notices and the numbers of "
        "questions are kept",
    )
    messages_per_second: Annotated[float, Field(ge=0, le=1000)] = Field(
        30, description="most messages sent in a second, over all chats; 0 for no limit, as on a server of one's own"
    )
    questions_per_minute: Annotated[int, Field(ge=0, le=6000)] = Field(
        30, description="most messages answered to one person in a minute; 0 for no limit"
    )


def load(**given: Any) -> Settings:
    """The settings in force; ``given`` stands above the environment, and that above the files of the folder of secrets.

    Raises:
        SettingsError: one of them is wrong.
    """
    folder = _secrets_dir()
    try:
        return Settings(**{"_secrets_dir": folder, **given})
    except ValidationError as error:
        problems = [f"{str(e['loc'][0]).upper()} {_plain(e)}" for e in error.errors(include_input=False)]
        raise SettingsError("; ".join(problems) + ".") from None
    except UnreadableError as error:
        why = error.__cause__
        what = f"{why.filename}: {why.strerror}" if isinstance(why, OSError) else "one is not a text in UTF-8"
        raise SettingsError(f"The secrets in {folder} cannot be read ({what}).") from None


def _plain(error: Any) -> str:
    """What is wrong with one setting, without its value: that may be a secret."""
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return message if message.startswith("should") else f"is wrong: {message[0].lower()}{message[1:]}"


def needed_token(settings: Settings) -> str:
    """The token.

    Raises:
        SettingsError: there is none.
    """
    token = settings.telegram_token.get_secret_value()
    if not token:
        raise SettingsError(
            "TELEGRAM_TOKEN is missing: put the token from @BotFather into the environment, into .env, or into a file "
            "telegram_token in the folder of secrets (SECRETS_DIR)."
        )
    return token


def in_force(settings: Settings) -> list[tuple[str, str, str]]:
    """``(name, value, description)`` of every setting, secrets hidden."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            shown = "(set, hidden)" if value.get_secret_value() else "(not set)"
        elif isinstance(value, tuple) and not isinstance(value, Listen):
            shown = ",".join(map(str, value)) or "(none)"
        else:
            shown = "(not set)" if value in ("", None) else str(value)
        rows.append((name.upper(), shown, field.description or ""))
    return rows
