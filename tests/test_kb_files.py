"""`bot.py kb import` and `kb export`: the first two as a shell sees them, the others in this process."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner
from running import furnish
from test_cli import bot as bot_process

from bot import main
from knowledge import exporting, store

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """DATA_DIR with the shipped edition."""
    furnish(tmp_path / "var")
    return tmp_path / "var"


def bot(*arguments: str, var: Path) -> CompletedProcess[str]:
    """Run a command: what it prints and its exit status; whatever else it raises fails the test."""
    status: int | str | None = 0
    with (
        CliRunner().isolation(env={"DATA_DIR": str(var)}) as (out, err, *_),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["bot.py", *arguments])
        patch.chdir(var.parent)
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        assert isinstance(status, int)
    return CompletedProcess(arguments, status, out.getvalue().decode(), err.getvalue().decode())


def file(var: Path, content: str, name: str = "claims.csv") -> str:
    """A file to import."""
    path = var.parent / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def english(var: Path, id: str = "F001") -> str:
    """The English text of a claim."""
    return next(row["text_en"] for row in store.all_tables(var)["claims"] if row["id"] == id)


def test_a_dry_run_shows_and_changes_nothing(var: Path) -> None:
    before = english(var)
    done = bot_process("kb", "import", file(var, "id,text_en\nF001,Another.\n"), "--dry-run", var=var)
    assert (done.returncode, done.stderr) == (0, "")
    assert "• Statement F001, text in English: " in done.stdout
    assert english(var) == before


def test_errors_end_with_status_1_change_nothing_and_stand_in_the_report(var: Path) -> None:
    report = var.parent / "report.csv"
    given = file(var, "id,text_en,status\nF001,Another.,stated\nF002,b,nonsense\n")
    done = bot_process("kb", "import", given, "--report", str(report), var=var)
    assert done.returncode == 1
    assert english(var) != "Another."
    with report.open(encoding="utf-8-sig", newline="") as lines:
        (error, *_) = csv.DictReader(lines)
    assert (error["kind"], error["key"], error["row"], error["column"]) == ("error", "F002", "3", "status")


def test_an_import_is_applied_and_then_there_is_nothing_to_do(var: Path) -> None:
    given = file(var, "id,text_en\nF001,Another.\n")
    done = bot("kb", "import", given, "--source", "letter of 3 May", var=var)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Applied as change no. 2.")
    assert english(var) == "Another."
    again = bot("kb", "import", given, var=var)
    assert (again.returncode, "Nothing would change" in again.stdout) == (0, True)
    with store.reading(var / store.FILE) as connection:
        rows = connection.execute("select actor, kind, reason, source from changes where id > 1").fetchall()
    assert rows == [("command line", "import", "claims.csv", "letter of 3 May")]


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        ("id,warna\nF001,a\n", [], "--map 'warna='"),
        ("id,warna\nF001,a\n", ["--map", "warna"], "COLUMN=FIELD"),
        ("id,warna\nF001,a\n", ["--map", "warna=nope"], "no column 'nope'"),
        ("id,text_en\nF001,a\n", ["--map", "warna=value"], "no column named 'warna'"),
        ("text_en,text_id\nx,a\n", [], "told apart by the column id"),
        ('id,text_en\nF001,"a\n', [], "row 2: a quotation mark"),
        ("", [], "empty"),
    ],
)
def test_a_file_or_a_call_that_is_wrong_ends_with_status_2(
    var: Path, content: str, arguments: list[str], told: str
) -> None:
    done = bot("kb", "import", file(var, content), *arguments, var=var)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_what_cannot_be_recognised_can_be_said(var: Path) -> None:
    given = file(var, "kunci,warna,lain\nF001,Another.,x\n", "notes.csv")
    assert "--table" in bot("kb", "import", given, var=var).stderr
    said = ["--table", "claims", "--map", "kunci=id", "--map", "warna=text_en", "--map", "lain="]
    done = bot("kb", "import", given, *said, var=var)
    assert (done.returncode, done.stderr, english(var)) == (0, "", "Another.")


def test_rows_that_are_missing_go_only_when_asked_for(var: Path) -> None:
    phrasings = store.all_tables(var)["phrasings"]
    kept = json.dumps({"phrasings": phrasings[:-1]})
    given = file(var, kept, "phrasings.json")
    assert "stay: Phrasing (1)" in bot("kb", "import", given, var=var).stdout
    assert bot("kb", "import", given, "--remove-missing", var=var).returncode == 0
    assert store.all_tables(var)["phrasings"] == phrasings[:-1]


def test_questions_that_would_break_stop_it_unless_said_otherwise(var: Path) -> None:
    given = file(var, json.dumps({"aliases": store.all_tables(var)["aliases"][:1]}), "aliases.json")
    done = bot("kb", "import", given, "--remove-missing", var=var)
    assert (done.returncode, "would not be any more" in done.stdout, "--yes" in done.stderr) == (1, True, True)
    assert len(store.all_tables(var)["aliases"]) > 1
    assert bot("kb", "import", given, "--remove-missing", "--yes", var=var).returncode == 0
    assert len(store.all_tables(var)["aliases"]) == 1


def test_what_is_told_goes_by_the_language(var: Path) -> None:
    given = file(var, "id,text_en,status\nF001,Another.,stated\nF002,b,nonsense\n")
    assert "Tidak ada yang dapat diterapkan" in bot("kb", "import", given, "--lang", "id", var=var).stdout
    assert "Berkas kosong." in bot("kb", "import", file(var, ""), "--lang", "id", var=var).stderr


@pytest.mark.parametrize("command", [("team", "list"), ("queue", "list"), ("kb", "stale", "--on", "2020-01-01"), ("kb", "history", "claims", "F001")])  # fmt: skip
def test_an_empty_list_is_said_to_be_one(var: Path, command: tuple[str, ...]) -> None:
    done = bot(*command, var=var)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "Nothing.\n")


@pytest.mark.parametrize("name", ["out.zip", "out.xlsx", "out.json", "out.csv"])
def test_an_export_read_back_changes_nothing(var: Path, name: str) -> None:
    out = var.parent / "deep" / name
    assert bot("kb", "export", str(out), var=var).returncode == 0
    done = bot("kb", "import", str(out), var=var)
    assert (done.returncode, done.stdout.startswith("Nothing would change")) == (0, True)


def test_a_data_package_is_a_folder(var: Path) -> None:
    out = var.parent / "package"
    assert bot("kb", "export", str(out), "--format", "datapackage", var=var).returncode == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == exporting.package(exporting.contents(var))


@pytest.mark.parametrize("out", ["x.pdf", "/dev/null/x.json"])
def test_an_export_that_cannot_be_written_ends_with_status_2(var: Path, out: str) -> None:
    done = bot("kb", "export", out, var=var)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
