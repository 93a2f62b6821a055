"""Settings come from the environment: each wrong one is named in one line, and no secret is ever shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import dotenv
import pytest

import bot as entry
from handlers.settings import Listen, Settings, SettingsError, in_force, load, needed_token

ROOT = Path(__file__).parent.parent
NAMES = {name.upper() for name in Settings.model_fields}
TOKEN = "123456789:AAbbCC-dd_EEff"
SECRETS = ("TELEGRAM_TOKEN", "WEBHOOK_SECRET")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set around the tests."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def loaded(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """The settings of some environment."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load()


# --------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("telegram_api_base_url", "https://api.telegram.org"), ("webhook_url", ""), ("webhook_listen", Listen("127.0.0.1", 8443)),
        ("data_dir", Path("var")), ("owner_ids", ()), ("default_language", "id"), ("log_level", "INFO"), ("log_format", "text"),
        ("question_log_days", 90), ("messages_per_second", 30.0), ("questions_per_minute", 30),
    ],
)  # fmt: skip
def test_what_holds_where_nothing_is_set(name: str, expected: Any) -> None:
    assert getattr(load(), name) == expected


def test_secrets_are_empty_where_nothing_is_set() -> None:
    assert [getattr(load(), name.lower()).get_secret_value() for name in SECRETS] == ["", ""]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_empty_value_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert loaded(monkeypatch, **{name: ""}) == load()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("OWNER_IDS", "12", (12,)),
        ("OWNER_IDS", "12,34", (12, 34)),
        ("OWNER_IDS", " 12 , 34 ,", (12, 34)),
        ("OWNER_IDS", ",", ()),
        ("OWNER_IDS", "6123456789", (6123456789,)),
        ("WEBHOOK_LISTEN", "0.0.0.0:80", Listen("0.0.0.0", 80)),
        ("WEBHOOK_LISTEN", "[::1]:8443", Listen("::1", 8443)),
        ("WEBHOOK_LISTEN", "localhost:65535", Listen("localhost", 65535)),
        ("TELEGRAM_API_BASE_URL", "http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("WEBHOOK_URL", "https://bot.example.org/hook", "https://bot.example.org/hook"),
        ("DATA_DIR", "/srv/bot", Path("/srv/bot")),
        ("DEFAULT_LANGUAGE", "en", "en"),
        ("LOG_LEVEL", "DEBUG", "DEBUG"),
        ("LOG_FORMAT", "json", "json"),
        ("QUESTION_LOG_DAYS", "1", 1),
        ("QUESTION_LOG_DAYS", "3650", 3650),
        ("MESSAGES_PER_SECOND", "0", 0.0),
        ("MESSAGES_PER_SECOND", "0.5", 0.5),
        ("QUESTIONS_PER_MINUTE", "0", 0),
    ],
)
def test_a_value_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: Any) -> None:
    assert getattr(loaded(monkeypatch, **{name: value}), name.lower()) == expected


def test_what_is_given_stands_above_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("DATA_DIR", "/a")
    settings = load(data_dir=Path("/b"))
    assert (settings.data_dir, settings.log_level) == (Path("/b"), "DEBUG")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "token-without-number"),
        ("TELEGRAM_TOKEN", "987654:"),
        ("TELEGRAM_TOKEN", ":AAbbCCddEEff"),
        ("TELEGRAM_TOKEN", "123456:AA bbCCddEE"),
        ("TELEGRAM_TOKEN", "123456:AA/bbCCddEE"),
        ("TELEGRAM_TOKEN", "x123456:AAbbCCddEE"),
        ("TELEGRAM_API_BASE_URL", "api.telegram.org"),
        ("TELEGRAM_API_BASE_URL", "ftp://api.telegram.org"),
        ("TELEGRAM_API_BASE_URL", "https://"),
        ("TELEGRAM_API_BASE_URL", "http://["),
        ("WEBHOOK_URL", "bot.example.org/hook"),
        ("WEBHOOK_LISTEN", "8443"),
        ("WEBHOOK_LISTEN", ":8443"),
        ("WEBHOOK_LISTEN", "127.0.0.1"),
        ("WEBHOOK_LISTEN", "127.0.0.1:70000"),
        ("WEBHOOK_LISTEN", "127.0.0.1:-1"),
        ("WEBHOOK_SECRET", "with blanks in it"),
        ("WEBHOOK_SECRET", "ä" * 8),
        ("WEBHOOK_SECRET", "a" * 257),
        ("OWNER_IDS", "12,budi"),
        ("OWNER_IDS", "-12"),
        ("OWNER_IDS", "1.5"),
        ("OWNER_IDS", "12 34"),
        ("DEFAULT_LANGUAGE", "de"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("QUESTION_LOG_DAYS", "0"),
        ("QUESTION_LOG_DAYS", "3651"),
        ("QUESTION_LOG_DAYS", "many"),
        ("MESSAGES_PER_SECOND", "-1"),
        ("MESSAGES_PER_SECOND", "nan"),
        ("MESSAGES_PER_SECOND", "inf"),
        ("QUESTIONS_PER_MINUTE", "-1"),
        ("QUESTIONS_PER_MINUTE", "2.5"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(monkeypatch, **{name: value})
    message = str(caught.value)
    assert message.startswith(f"{name} ")
    assert "\n" not in message
    assert [other for other in NAMES - {name} if other in message] == []
    if name in SECRETS:
        assert value not in message
        # An error that was its cause would be printed along with it.
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(monkeypatch, TELEGRAM_TOKEN="wrong", LOG_FORMAT="xml", OWNER_IDS="x")
    assert {name for name in NAMES if name in str(caught.value)} == {"TELEGRAM_TOKEN", "LOG_FORMAT", "OWNER_IDS"}
    assert "\n" not in str(caught.value)


def test_a_token_is_needed_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"TELEGRAM_TOKEN is missing.*telegram_token.*SECRETS_DIR"):
        needed_token(load())
    assert needed_token(loaded(monkeypatch, TELEGRAM_TOKEN=TOKEN)) == TOKEN


def test_settings_do_not_show_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, TELEGRAM_TOKEN=TOKEN, WEBHOOK_SECRET="very-secret")
    shown = f"{settings!r} {settings!s} {settings.model_dump()} {in_force(settings)}"
    assert TOKEN not in shown
    assert "very-secret" not in shown


def test_what_is_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, TELEGRAM_TOKEN=TOKEN, OWNER_IDS="12,34", WEBHOOK_LISTEN="[::1]:80")
    rows = in_force(settings)
    assert {name for name, _, _ in rows} == NAMES
    assert all(description for _, _, description in rows)
    shown = {name: value for name, value, _ in rows}
    assert shown["TELEGRAM_TOKEN"] == "(set, hidden)"
    assert shown["WEBHOOK_SECRET"] == "(not set)"
    assert shown["WEBHOOK_URL"] == "(not set)"
    assert shown["OWNER_IDS"] == "12,34"
    assert shown["DATA_DIR"] == "var"
    assert {name: value for name, value, _ in in_force(load(owner_ids=()))}["OWNER_IDS"] == "(none)"


# -------------------------------------------------------------------------------------------------------- bot.py settings


def bot(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run bot.py in a folder with nothing but some settings around it."""
    command = [sys.executable, str(ROOT / "bot.py"), *arguments]
    given = {"PYTHONUTF8": "1", **environment}
    return subprocess.run(
        command, cwd=folder, env=given, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


def value_of(done: subprocess.CompletedProcess[str], name: str) -> str:
    """What `bot.py settings` says of a setting."""
    (row,) = [row for row in done.stdout.splitlines() if row.split()[0] == name]
    return row.removeprefix(name).strip().split("  ")[0]


def test_a_file_is_read_and_the_environment_stands_above_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"# the bot\nTELEGRAM_TOKEN={TOKEN}\nDEFAULT_LANGUAGE=en\nOWNER_IDS='12, 34'\nLOG_FORMAT=\n", encoding="utf-8"
    )
    done = bot(tmp_path, "settings", DEFAULT_LANGUAGE="id", LOG_LEVEL="ERROR")
    assert (done.returncode, done.stderr) == (0, "")
    assert {name: value_of(done, name) for name in ("TELEGRAM_TOKEN", "DEFAULT_LANGUAGE", "OWNER_IDS", "LOG_LEVEL", "LOG_FORMAT")} == {
        "TELEGRAM_TOKEN": "(set, hidden)", "DEFAULT_LANGUAGE": "id", "OWNER_IDS": "12,34", "LOG_LEVEL": "ERROR", "LOG_FORMAT": "text",
    }  # fmt: skip
    assert TOKEN.partition(":")[2] not in done.stdout


def test_every_setting_is_printed_once_with_what_it_is(tmp_path: Path) -> None:
    done = bot(tmp_path, "settings", WEBHOOK_SECRET="very-secret")
    assert (done.returncode, done.stderr) == (0, "")
    assert {row.split()[0] for row in done.stdout.splitlines()} == NAMES
    assert len(done.stdout.splitlines()) == len(NAMES)
    assert "very-secret" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (("settings",), {"TELEGRAM_TOKEN": "hush-hush"}, "TELEGRAM_TOKEN should look like"),
        (("settings",), {"LOG_FORMAT": "xml"}, "LOG_FORMAT is wrong"),
        (("run",), {"TELEGRAM_TOKEN": "hush-hush"}, "TELEGRAM_TOKEN should look like"),
        (("run",), {}, "TELEGRAM_TOKEN is missing"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_what_is_wrong_is_one_line_and_exit_status_2(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], expected: str
) -> None:
    done = bot(tmp_path, *arguments, **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {expected}")
    assert done.stderr.count("\n") == 1
    assert "hush" not in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_file_as_windows_writes_it_is_read_or_refused_in_one_line(tmp_path: Path, encoding: str) -> None:
    """Editors there put a mark before the text, or write UTF-16; a setting must not get lost in silence."""
    (tmp_path / ".env").write_text("DEFAULT_LANGUAGE=en\n# der Schlüssel\n", encoding=encoding)
    done = bot(tmp_path, "settings")
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        assert value_of(done, "DEFAULT_LANGUAGE") == "en"
    else:
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert ".env" in done.stderr


def test_a_file_that_cannot_be_looked_for_is_none(tmp_path: Path) -> None:
    """As in a folder that this user may not enter; a link to a name that is too long is refused to root too."""
    (tmp_path / ".env").symlink_to("x" * 300)
    done = bot(tmp_path, "settings")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_this_user_may_not_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", ".env")

    (tmp_path / ".env").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dotenv, "load_dotenv", refused)
    with pytest.raises(SystemExit, match="2"):
        entry.main()
    said = capsys.readouterr().err
    assert (said.count("\n"), ".env cannot be read (Permission denied)" in said) == (1, True)


# ---------------------------------------------------------------------------------------------------------------- secrets


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets with a token in it."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "telegram_token").write_text(f"{TOKEN}\n", encoding="utf-8")
    for name in ("SECRETS_DIR", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.mark.parametrize("name", ["SECRETS_DIR", "CREDENTIALS_DIRECTORY"])
def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, secrets: Path, name: str) -> None:
    assert needed_token(loaded(monkeypatch, **{name: str(secrets)})) == TOKEN


def test_a_secret_comes_from_where_containers_have_theirs(monkeypatch: pytest.MonkeyPatch, secrets: Path) -> None:
    monkeypatch.setattr("handlers.settings.MOUNTED", secrets)
    assert needed_token(load()) == TOKEN


def test_the_environment_stands_above_a_secret(monkeypatch: pytest.MonkeyPatch, secrets: Path) -> None:
    settings = loaded(monkeypatch, SECRETS_DIR=str(secrets), TELEGRAM_TOKEN="99:other")
    assert needed_token(settings) == "99:other"


def test_the_folder_that_is_named_is_the_one_that_is_read(monkeypatch: pytest.MonkeyPatch, secrets: Path) -> None:
    (other := secrets.parent / "other").mkdir()
    settings = loaded(monkeypatch, SECRETS_DIR=str(other), CREDENTIALS_DIRECTORY=str(secrets))
    assert settings.telegram_token.get_secret_value() == ""


def test_a_wrong_secret_in_a_file_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, secrets: Path) -> None:
    (secrets / "telegram_token").write_text("hush-hush", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^TELEGRAM_TOKEN should look like") as caught:
        loaded(monkeypatch, SECRETS_DIR=str(secrets))
    assert "hush" not in str(caught.value)


def test_a_folder_of_secrets_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch, secrets: Path) -> None:
    assert loaded(monkeypatch, CREDENTIALS_DIRECTORY=str(secrets / "none")).telegram_token.get_secret_value() == ""
    with pytest.raises(SettingsError, match=r"^SECRETS_DIR should be a folder"):
        loaded(monkeypatch, SECRETS_DIR=str(secrets / "none"))


@pytest.mark.parametrize("failing", [PermissionError(13, "Permission denied", "telegram_token"), None])
def test_a_secret_that_cannot_be_read_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, secrets: Path, failing: OSError | None
) -> None:
    (secrets / "telegram_token").write_bytes("schlüssel".encode("cp1252"))
    if failing:
        monkeypatch.setattr(Path, "read_text", Mock(side_effect=failing))
    with pytest.raises(SettingsError, match="telegram_token: Permission denied" if failing else "UTF-8") as caught:
        loaded(monkeypatch, SECRETS_DIR=str(secrets))
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
