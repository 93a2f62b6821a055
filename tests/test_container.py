"""The image, the services of compose and systemd's unit say what the code says. `make replay` runs what the image makes."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from dockerfile import ROOT, Stage, context, stages
from pydantic import SecretStr

import bot
from handlers.settings import Settings
from handlers.staff import deskwork
from knowledge import store
from knowledge.model import Language

BUILD, LAST = stages()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRETS = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
UNIT = ROOT / "docs" / "tanya.service"
EXPOSURE = 15
"""Most that `systemd-analyze security` may find, in tenths; without the unit's restrictions it is 92."""

# ------------------------------------------------------------------------------------------------------------------ image


def test_the_linter_has_nothing_to_say() -> None:
    command = [Path(sys.executable).parent / "hadolint", "--failure-threshold", "style", ROOT / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("stage", [BUILD, LAST], ids=["build", "last"])
def test_the_base_is_slim_and_of_one_exact_version(stage: Stage) -> None:
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", stage.base)
    assert stage.base == BUILD.base


def test_the_packages_are_those_of_the_lock_and_are_not_built() -> None:
    (install,) = [rest for word, rest in BUILD.steps if word == "RUN" and "pip install" in rest]
    assert "-r requirements.txt" in install
    assert "--only-binary :all:" in install


def test_the_last_stage_copies_what_was_built_and_installs_nothing() -> None:
    copies = [rest for word, rest in LAST.steps if word == "COPY"]
    assert copies
    assert all(rest.startswith(f"--from={BUILD.name} ") for rest in copies)
    assert [
        rest for word, rest in LAST.steps if word == "RUN" and re.search(r"\binstall\b(?! -d)|apt|curl", rest)
    ] == []


def test_it_runs_as_nobody_who_could_be_root() -> None:
    user, _, group = LAST.last("USER").partition(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    owned = re.findall(r"install -d -o (\d+) -g (\d+) -m \d+ (\S+)", " ".join(rest for _, rest in LAST.steps))
    assert {(user, group, LAST.last("VOLUME")), (user, group, "/open-data")} == set(owned)


def test_its_one_volume_is_the_data_folder() -> None:
    assert [rest for word, rest in LAST.steps if word == "VOLUME"] == [LAST.environment()["DATA_DIR"]]


def test_a_signal_reaches_the_bot_and_the_commands_are_its_own() -> None:
    entry, run, health = LAST.command("ENTRYPOINT"), LAST.command("CMD"), LAST.command("HEALTHCHECK")
    assert (entry, health[:2]) == (["python", "bot.py"], entry)
    assert (run, health[2:]) == (["run"], ["health"])
    assert {run[0], health[2]} <= set(bot.COMMANDS)


def test_what_the_bot_says_is_made_for_every_language() -> None:
    (step,) = [rest for word, rest in BUILD.steps if "locales import" in rest]
    assert set(re.findall(r"made\('(\w+)'\)", step)) == set(get_args(Language))
    (trimmed,) = [rest for word, rest in BUILD.steps if "locale-data" in rest]
    assert set(re.findall(r"'(\w+)\*\.dat'", trimmed)) == set(get_args(Language))


def test_the_context_holds_the_code_and_nothing_else() -> None:
    found = context()
    assert {file.parts[0] for file in found} == {
        "requirements.txt",
        "bot.py",
        "LICENSE",
        "knowledge",
        "handlers",
        "locales",
    }
    strange = {".py", ".txt", ".csv", ".toml", ".jsonl", ".po", ".md", ".html", ".css", ".js", ".svg", ".ttf", ""}
    assert {file.suffix for file in found} <= strange
    assert [file for file in found if "__pycache__" in file.parts] == []


# ---------------------------------------------------------------------------------------------------------------- compose


def test_the_bot_comes_alone_unless_more_is_asked_for() -> None:
    assert {name: service.get("profiles") for name, service in SERVICES.items()} == {
        "bot": None, "datasette": ["open-data"], "litestream": ["backup"],
    }  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == LAST.last("USER")
    assert {"mem_limit", "pids_limit", "restart"} <= set(service)
    assert {"max-size", "max-file"} == set(service["logging"]["options"])
    assert "privileged" not in service
    assert all(re.match(r"127\.0\.0\.1:\d+:\d+$", port) for port in service.get("ports", []))


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "bot"])
def test_images_of_others_are_of_one_exact_version(name: str) -> None:
    assert re.fullmatch(r"[\w/-]+:\d+\.\d+\.\d+", SERVICES[name]["image"])


def test_the_bot_is_set_as_the_image_has_it() -> None:
    service = SERVICES["bot"]
    settings = Settings(**{name.lower(): value for name, value in service["environment"].items()})
    mounted = dict(reversed(volume.split(":")) for volume in service["volumes"])
    assert set(service["environment"]) <= {name.upper() for name in Settings.model_fields}
    assert {str(settings.data_dir), str(settings.open_data_dir)} == set(mounted)
    assert str(settings.data_dir) == LAST.last("VOLUME")
    assert settings.ops_listen
    assert {f"127.0.0.1:{port}:{port}" for port in (settings.ops_listen.port, settings.webhook_listen.port)} == set(
        service["ports"]
    )


def test_secrets_are_files_that_the_settings_know() -> None:
    assert set(SERVICES["bot"]["secrets"]) == set(COMPOSE["secrets"])
    assert set(COMPOSE["secrets"]) <= SECRETS
    assert all(Path(secret["file"]).name == name for name, secret in COMPOSE["secrets"].items())
    assert SECRETS & {name.lower() for name in SERVICES["bot"]["environment"]} == set()


def test_what_is_published_cannot_see_people() -> None:
    service = SERVICES["datasette"]
    published = SERVICES["bot"]["environment"]["OPEN_DATA_DIR"]
    assert service["volumes"] == [f"open-data:{published}:ro"]
    assert service["command"][-1] == f"{published}/{store.FILE}"
    assert f"--metadata={published}/metadata.json" in service["command"]


def test_every_volume_and_file_that_is_mounted_is_there() -> None:
    sources = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert {source for source in sources if not source.startswith("./")} == set(COMPOSE["volumes"])
    assert [source for source in sources if source.startswith("./") and not (ROOT / source).is_file()] == []


def test_both_databases_are_replicated_to_places_of_their_own() -> None:
    text = (ROOT / "docs" / "litestream.yml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)
    assert [Path(db["path"]).name for db in config["dbs"]] == [store.FILE, "people.db"]
    assert {str(Path(db["path"]).parent) for db in config["dbs"]} == {SERVICES["bot"]["environment"]["DATA_DIR"]}
    assert len({db["replica"]["path"] for db in config["dbs"]}) == len(config["dbs"])
    assert all(name.startswith("LITESTREAM_") for name in re.findall(r"\$\{?(\w+)", text))


# ---------------------------------------------------------------------------------------------------------------- systemd


@pytest.fixture(scope="module")
def unit() -> configparser.SectionProxy:
    """The section of the unit that says what is run, and how."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(UNIT, encoding="utf-8")
    return parser["Service"]


def test_the_unit_runs_the_bot_on_its_own_data(unit: configparser.SectionProxy) -> None:
    assert unit["ExecStart"].endswith("/python bot.py run")
    assert unit["ExecStart"].startswith(unit["WorkingDirectory"])
    assert f"DATA_DIR=/var/lib/{unit['StateDirectory']}" in unit["Environment"].split()
    secret, _, file = unit["LoadCredential"].partition(":")
    assert secret in SECRETS
    assert Path(file).name == secret


def test_what_only_the_operator_can_mend_is_not_tried_again(unit: configparser.SectionProxy) -> None:
    assert (unit["Restart"], unit["RestartPreventExitStatus"]) == ("on-failure", "2")


def test_an_import_may_step_back_behind_the_answers(unit: configparser.SectionProxy) -> None:
    """It lowers its own priority, which systemd counts among the resources."""
    assert "~@resources" not in UNIT.read_text(encoding="utf-8")
    assert unit["SystemCallErrorNumber"] == "EPERM"


def test_there_is_memory_for_the_bot_and_one_import(unit: configparser.SectionProxy) -> None:
    """Where that takes more, it ends, and the bot does not."""
    assert (unit["MemoryMax"].lower(), unit["OOMPolicy"]) == (SERVICES["bot"]["mem_limit"], "continue")
    assert int(unit["MemoryMax"].removesuffix("M")) * 2**20 > deskwork.MEMORY + 500e6


def test_commands_read_the_settings_as_the_service_does(tmp_path: Path, unit: configparser.SectionProxy) -> None:
    """From one file, by one reader, as the same user: no shell runs what stands in it."""
    assert "EnvironmentFile" not in unit
    operator = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    (wrapper,) = re.findall(r"<<'EOF'\n(.*?)EOF\n", operator, re.DOTALL)
    (tmp_path / "bot.py").write_text(
        (ROOT / "bot.py").read_text(encoding="utf-8").replace("import sys\n", f"import sys\nsys.path.append({str(ROOT)!r})\n", 1),
        encoding="utf-8",
    )  # fmt: skip
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".env").write_text("OWNER_IDS=1, 2\nOPEN_DATA_DIR=a$b&touch ran\n", encoding="utf-8")
    assert f"cd {unit['WorkingDirectory']} " in wrapper
    assert f"runuser -u {unit['User']} -- " in wrapper
    here = wrapper.replace(unit["WorkingDirectory"], str(tmp_path)).replace(f"runuser -u {unit['User']} -- ", "")
    done = subprocess.run(
        ["sh", "-c", here, "tanya", "settings"], capture_output=True, text=True, timeout=60, check=False
    )
    said = {line.split()[0]: " ".join(line.split()[1:]) for line in done.stdout.splitlines()}
    assert done.stderr == ""
    assert said["OWNER_IDS"].startswith("1,2 ")
    assert said["OPEN_DATA_DIR"].startswith("a$b&touch ran ")
    assert said["DATA_DIR"].startswith(f"/var/lib/{unit['StateDirectory']} ")
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not there")
def test_systemd_takes_the_unit_and_finds_little_exposed(tmp_path: Path, unit: configparser.SectionProxy) -> None:
    there = tmp_path / UNIT.name
    python = unit["ExecStart"].split()[0]
    there.write_text(UNIT.read_text(encoding="utf-8").replace(python, sys.executable), encoding="utf-8")
    for arguments in (["verify"], ["security", "--offline=true", f"--threshold={EXPOSURE}"]):
        done = subprocess.run(
            ["systemd-analyze", *arguments, str(there)], capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout
        assert arguments != ["verify"] or (done.stdout, done.stderr) == ("", "")
