"""The commands as a shell sees them: what they print, where, with which exit status; never a traceback."""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from record import Record

ROOT = Path(__file__).parent.parent
FIELDS = ["text", "language", "outcome", "kind", "regions", "count", "answer", "sources", "choices", "elapsed_ms"]
KLATEN = {"code": "33.10", "name": "Kabupaten Klaten", "level": "regency", "participant": True, "cohort": 2019}


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA_DIR after the first start."""
    folder = tmp_path_factory.mktemp("var")
    assert bot("ask", "Klaten?", var=folder).returncode == 0
    return folder


def environment(var: Path) -> dict[str, str]:
    """The environment of a command: DATA_DIR is ``var``, text is UTF-8."""
    return {**os.environ, "DATA_DIR": str(var), "PYTHONUTF8": "1"}


def bot(*arguments: str | bytes, var: Path, stdin: str | bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run bot.py."""
    given = stdin if isinstance(stdin, bytes) else stdin.encode()
    command = [sys.executable, "bot.py", *arguments]
    done = subprocess.run(
        command, input=given, cwd=ROOT, env=environment(var), capture_output=True, timeout=60, check=False
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def stream(var: Path, *lines: Any, arguments: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What `ask --jsonl` answers to some lines: bytes as they are, all else as JSON."""
    given = b"".join((x if isinstance(x, bytes) else json.dumps(x, ensure_ascii=False).encode()) + b"\n" for x in lines)
    done = bot("ask", "--jsonl", *arguments, var=var, stdin=given)
    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.removesuffix("\n").split("\n") if line]
    assert len(answers) == len(lines)
    return answers


def check_form(answer: dict[str, Any]) -> None:
    """An answer has the fields of the contract, in their order and of their types."""
    assert list(answer) == FIELDS
    assert answer["language"] in ("id", "en")
    assert answer["outcome"] in ("answered", "ambiguous", "unknown")
    assert answer["kind"] in ("participation", "region", "list", "count", "fact", "smalltalk", None)
    assert (answer["kind"] is None) == (answer["outcome"] != "answered")
    assert answer["count"] is None or isinstance(answer["count"], int)
    assert answer["answer"].strip()
    assert answer["elapsed_ms"] >= 0
    assert all(isinstance(label, str) for label in answer["choices"])
    for region in answer["regions"]:
        assert list(region) == ["code", "name", "level", "participant", "cohort"]
        assert region["level"] == ("regency" if "." in region["code"] else "province")
        assert region["participant"] in (True, False, None)
    for source in answer["sources"]:
        assert list(source) == ["id", "publisher", "title", "date", "url"]
    if answer["outcome"] == "answered" and answer["kind"] != "smalltalk":
        assert answer["sources"]


# ------------------------------------------------------------------------------------------------------------------ ask


@pytest.mark.parametrize(
    ("question", "status", "expected"),
    [
        ("Apakah Klaten peserta?", 0, "Kabupaten Klaten"),
        ("Is Klaten in it?", 0, "Klaten Regency"),
        ("Apakah Sukorejo ikut?", 0, "\n- Sukorejo"),
        ("Apakah Atlantis ikut?", 1, "Atlantis"),
        ("Berapa harga beras hari ini?", 1, ""),
        ("", 1, "Klaten"),
        ("x" * 4000, 1, ""),
    ],
)
def test_ask_in_words(var: Path, question: str, status: int, expected: str) -> None:
    done = bot("ask", question, var=var)
    assert (done.returncode, done.stderr) == (status, "")
    assert expected.lower() in done.stdout.lower()
    assert "{" not in done.stdout


@pytest.mark.parametrize("question", ["Apakah Klaten peserta?", "Sukorejo ikut?", "Apakah Atlantis ikut?", "makasih"])
def test_ask_json(var: Path, question: str) -> None:
    done = bot("ask", "--json", question, var=var)
    answer = json.loads(done.stdout)
    check_form(answer)
    assert answer["text"] == question
    assert (done.returncode, done.stderr) == (0, "")


def test_ask_json_as_the_contract_shows_it(var: Path) -> None:
    answer = json.loads(bot("ask", "--json", "Apakah Klaten peserta?", var=var).stdout)
    assert (answer["language"], answer["outcome"], answer["kind"], answer["count"]) == (
        "id",
        "answered",
        "participation",
        None,
    )
    assert answer["regions"] == [KLATEN]
    assert answer["answer"].startswith("Ya")


def test_bytes_that_are_no_text(var: Path) -> None:
    done = bot("ask", b"Apakah Zz\xffgrbl ikut?", var=var)
    assert (done.returncode, done.stderr) == (1, "")
    done = bot("ask", "--json", b"Apakah Zz\xffgrbl ikut?", var=var)
    assert (json.loads(done.stdout)["outcome"], done.stderr) == ("unknown", "")


def test_explain(var: Path) -> None:
    done = bot("ask", "--explain", "Apakah Klaten peserta?", var=var)
    assert done.stdout == bot("ask", "Apakah Klaten peserta?", var=var).stdout
    trace = json.loads(done.stderr)
    assert trace["folded"] == "apakah klaten peserta?"
    assert "P-33.10-2019" in trace["claims"]
    both = json.loads(bot("ask", "--explain", "--json", "Apakah Klaten peserta?", var=var).stdout)
    assert list(both) == [*FIELDS, "trace"]
    (line,) = stream(var, {"text": "Apakah Klaten peserta?"}, arguments=("--explain",))
    assert list(line) == [*FIELDS, "trace"]


@pytest.mark.parametrize(
    "arguments",
    [("ask",), ("ask", "--jsonl", "Klaten?"), ("ask", "--json"), ("ask", "--lang", "fr", "Klaten?"), ("ask", "a", "b"),
     ("ask", "--nonsense"), ("nonsense",), ("eval",), ("eval", "no-such-file.jsonl"), ("eval", "tests"),
     ("kb", "nonsense"), ("chat", "--lang", "fr")],
)  # fmt: skip
def test_a_wrong_call(var: Path, arguments: tuple[str, ...]) -> None:
    done = bot(*arguments, var=var)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: ")


# ---------------------------------------------------------------------------------------------------------------- jsonl


def test_jsonl_answers_every_line_in_its_place(var: Path) -> None:
    texts = [
        "Apakah Klaten peserta?",
        "Is Blora in it?",
        "Berapa peserta 2018?",
        "hello",
        "Apa kabar cuaca?",
        "Sukorejo ikut?",
    ]
    answers = stream(var, *({"text": text} for text in texts))
    assert [answer["text"] for answer in answers] == texts
    for answer in answers:
        check_form(answer)
    assert [answer["language"] for answer in answers[:4]] == ["id", "en", "id", "en"]


BAD = [
    b"", b" ", b"no JSON", b"{", b"[]", b"null", b"3", b'"Klaten?"', b"{}", b'{"text": 3}', b'{"text": null}',
    b'{"text": ["Klaten?"]}', b'{"question": "Klaten?"}', b'{"text": "Klaten?", "lang": "fr"}',
    b'{"text": "Klaten?", "lang": ["id"]}', b'{"text": "Klaten?", "session": {}}',
    b'{"text": "Klaten?", "session": 1.5}',
    b'{"text": "\xff\xfe"}', b"\x00", b"[" * 100_000, b'{"text": "a"} {"text": "b"}',
    b'{"text": "a", "session": ' + b"9" * 5000 + b"}",
]  # fmt: skip


def test_a_bad_line_gets_an_error_in_its_place(var: Path) -> None:
    good = {"text": "Klaten?"}
    answers = stream(var, *(line for bad in BAD for line in (bad, good)))
    for number, answer in enumerate(answers[::2], 1):
        assert list(answer) == ["error", "line"]
        assert answer["line"] == 2 * number - 1
        assert answer["error"]
        assert "\n" not in answer["error"]
    assert {answer["outcome"] for answer in answers[1::2]} == {"answered"}


def test_sessions_are_kept_apart(var: Path) -> None:
    answers = stream(
        var,
        {"text": "Apakah Klaten ikut?", "session": "a"},
        {"text": "Is Solo in it?", "session": "b"},
        {"text": "kalau Blora?", "session": "a"},
        {"text": "and Jogja?", "session": "b"},
        {"text": "kapan?", "session": "a"},
        {"text": "kapan?"},
        {"text": "kapan?", "session": "c"},
    )
    assert [[region["code"] for region in answer["regions"]] for answer in answers[:5]] == [
        ["33.10"], ["33.72"], ["33.16"], ["34.71"], ["33.16"],
    ]  # fmt: skip
    assert [answer["kind"] for answer in answers[:5]] == ["participation"] * 5
    assert [answer["regions"] for answer in answers[5:]] == [[], []]


@pytest.mark.parametrize("session", [1, "", "sesi 😀", "x" * 1000, None])
def test_what_a_session_may_be_called(var: Path, session: object) -> None:
    first, second = stream(var, *({"text": t, "session": session} for t in ("Apakah Klaten ikut?", "kalau Blora?")))
    assert (first["outcome"], second["outcome"]) == ("answered", "answered")


@pytest.mark.parametrize(
    ("text", "lang", "option", "expected"),
    [
        ("Klaten?", None, None, "id"),
        ("Klaten?", "en", None, "en"),
        ("Klaten?", "id", "en", "id"),
        ("Klaten?", None, "en", "en"),
        ("ok", "en", None, "en"),
        ("Apakah Klaten ikut?", "en", None, "id"),
        ("Is Klaten in it?", "id", None, "en"),
    ],
)
def test_language(var: Path, text: str, lang: str | None, option: str | None, expected: str) -> None:
    (answer,) = stream(var, {"text": text, "lang": lang}, arguments=("--lang", option) if option else ())
    assert answer["language"] == expected


def test_odd_texts(var: Path) -> None:
    texts = [
        "",
        " ",
        "x" * 4000,
        "apakah klaten ikut " * 210,
        "\u0000",
        "a\nb",
        "\u2028",
        "😀",
        "ك",
        "<b>Klaten</b>",
        "{}",
        "%s",
    ]
    answers = stream(var, *({"text": text} for text in texts))
    assert [answer["text"] for answer in answers] == texts
    for answer in answers:
        check_form(answer)


@pytest.mark.parametrize("text", ["Klaten\u2028?", "Klaten\u2029?", "Klaten\u0085?"])
def test_a_line_is_a_line_for_every_reader(var: Path, text: str) -> None:
    """Python's own splitlines, and JavaScript, end lines at more than a newline."""
    done = bot("ask", "--jsonl", var=var, stdin=json.dumps({"text": text}) + "\n")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == [text]


def test_half_a_surrogate_pair(var: Path) -> None:
    given = [
        rb'{"text": "\ud83d"}',
        rb'{"text": "Apakah \udfffklaten ikut?"}',
        rb'{"text": "Klaten?", "session": "\ud83d"}',
    ]
    answers = stream(var, *given)
    assert [answer["text"] for answer in answers] == ["\ud83d", "Apakah \udfffklaten ikut?", "Klaten?"]
    for answer in answers:
        check_form(answer)


def test_no_lines(var: Path) -> None:
    assert stream(var) == []


def test_a_last_line_without_its_end(var: Path) -> None:
    done = bot("ask", "--jsonl", var=var, stdin=b'{"text": "Klaten?"}\r\n{"text": "Blora?"}')
    assert [json.loads(line)["regions"][0]["code"] for line in done.stdout.splitlines()] == ["33.10", "33.16"]


def test_answers_come_line_by_line(var: Path) -> None:
    """A program may wait for an answer before it asks on."""
    process = subprocess.Popen(
        [sys.executable, "bot.py", "ask", "--jsonl"],
        cwd=ROOT, env=environment(var), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=lambda out: [lines.put(line) for line in out], args=(process.stdout,), daemon=True)
    reader.start()
    try:
        for text in ("Klaten?", "Blora?", "no JSON", "Solo?"):
            process.stdin.write((text if text == "no JSON" else json.dumps({"text": text})) + "\n")
            process.stdin.flush()
            answer = json.loads(lines.get(timeout=20))
            assert answer.get("text", "no JSON") == text
        process.stdin.close()
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdin.close()
        process.stdout.close()


def test_a_reader_that_leaves(var: Path) -> None:
    """`ask --jsonl | head -1` ends without a word."""
    lines = b'{"text": "Klaten?"}\n' * 2000
    command = f"'{sys.executable}' bot.py ask --jsonl | head -1"
    done = subprocess.run(
        command, shell=True, input=lines, cwd=ROOT, env=environment(var), capture_output=True, timeout=60, check=False
    )
    assert done.stderr == b""
    assert json.loads(done.stdout)["text"] == "Klaten?"


# ---------------------------------------------------------------------------------------------------- starting, failing


def test_a_warm_start_loads_no_more_than_it_needs(var: Path) -> None:
    code = """
import sys
sys.argv = ["bot.py", "ask", "Apakah Klaten peserta?"]
import bot
try:
    bot.main()
except SystemExit as done:
    assert not done.code, done.code
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(var),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(done.stderr.split())
    assert loaded & {"click", "knowledge"} == {"click", "knowledge"}
    assert loaded & {"telegram", "sqlite_utils", "httpx", "asyncio"} == set()


def one_line(done: subprocess.CompletedProcess[str], status: int = 2) -> None:
    """That exit status and one line on standard error, nothing else."""
    assert (done.returncode, done.stdout) == (status, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("Error: ")


COMMANDS = [
    ("ask", "Klaten?"),
    ("ask", "--json", "Klaten?"),
    ("ask", "--jsonl"),
    ("chat",),
    ("kb", "check"),
    ("kb", "info"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_corrupt_database(var: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    broken = shutil.copytree(var, tmp_path / "var")
    (broken / "knowledge.db").write_bytes(b"this is no database\n" * 1000)
    one_line(bot(*command, var=broken))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_folder_that_cannot_be_made(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    one_line(bot(*command, var=tmp_path / "file" / "var"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    one_line(bot("ask", "Klaten?", var=tmp_path), 75)  # It may be mounted in a moment.


@pytest.mark.parametrize(
    "content", [b"", b"no JSON\n", b"\xff\xfe\n", b'{"text": "Klaten?"}\n', b'{"text": "\xff", "expect": {}}']
)
def test_an_unreadable_file_of_questions(var: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "q.jsonl").write_bytes(content)
    one_line(bot("eval", str(tmp_path / "q.jsonl"), var=var))


# --------------------------------------------------------------------------------------------------- the other commands


@pytest.mark.parametrize(
    "command",
    [(), ("ask",), ("chat",), ("eval",), ("kb",), ("kb", "check"), ("kb", "info"), ("kb", "metadata")],
    ids=" ".join,
)
def test_help(var: Path, command: tuple[str, ...]) -> None:
    done = bot(*command, "--help", var=var)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: bot.py")


def test_every_command_is_in_the_help(var: Path) -> None:
    from bot import COMMANDS as known

    told = bot("--help", var=var).stdout
    assert {name for name in known if f"\n  {name} " not in told} == set()


def test_eval(var: Path, tmp_path: Path) -> None:
    cases = [
        {"id": "right", "text": "Apakah Klaten ikut?", "expect": {"verdicts": {"33.10": True}}},
        {"id": "wrong", "text": "Apakah Blora ikut?", "expect": {"verdicts": {"33.16": False}}},
    ]
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    folder = shutil.copytree(var, tmp_path / "var")
    done = bot("eval", "--verbose", "--at-least", "0.5", str(path), var=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "accuracy 50.00%" in done.stdout
    assert "WRONG     wrong" in done.stdout
    again = bot("eval", "--at-least", "0.51", str(path), var=folder)
    assert (again.returncode, again.stderr) == (1, "")
    assert "0 better, 0 worse of 2" in again.stdout


def test_kb(var: Path, record: Record) -> None:
    info = bot("kb", "info", var=var)
    assert (info.returncode, info.stderr) == (0, "")
    assert f"participants {len(record.cohorts)}" in info.stdout
    metadata = json.loads(bot("kb", "metadata", var=var).stdout)
    assert set(metadata) >= {"title", "license", "source", "databases"}


def test_kb_check(var: Path) -> None:
    done = bot("kb", "check", var=var)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("0 errors, ")


# ----------------------------------------------------------------------------------------------------------------- chat


def chat(var: Path, *lines: str | bytes, arguments: tuple[str, ...] = ()) -> str:
    """What the chat prints for some lines and the end of the input."""
    given = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    done = bot("chat", *arguments, var=var, stdin=given)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_chat_answers_and_ends_with_the_input(var: Path) -> None:
    told = chat(var, "Apakah Klaten ikut?", "kapan?")
    assert "Kabupaten Klaten" in told
    assert "15 Mei 2019" in told.partition("Ya,")[2].partition("\n\n")[2]


def test_chat_without_a_word(var: Path) -> None:
    assert len(chat(var).strip().splitlines()) == 1
    assert len(chat(var, "", "   ").strip().splitlines()) == 1


@pytest.mark.parametrize("word", ["/quit", " /quit ", "/exit", "/keluar"])
def test_chat_ends_when_asked_to(var: Path, word: str) -> None:
    assert "Klaten" not in chat(var, word, "Apakah Klaten ikut?")


def test_chat_numbers_choose(var: Path) -> None:
    asked = chat(var, "Apakah Sukorejo ikut?")
    offered = [line.split("] ", 1) for line in asked.splitlines() if line.startswith("  [")]
    assert [number.strip(" [") for number, _ in offered] == [str(n) for n in range(1, len(offered) + 1)]
    told = chat(var, "Apakah Sukorejo ikut?", "2").removeprefix(asked.rstrip())
    region = re.search(r"(Kabupaten|Kota) .+", offered[1][1])
    assert region
    assert region[0] in told.strip().splitlines()[0]


@pytest.mark.parametrize("typed", ["0", "99", "-1", "²", "٣", "1" * 5000])
def test_chat_numbers_that_choose_nothing(var: Path, typed: str) -> None:
    assert chat(var, "Apakah Sukorejo ikut?", typed, "Apakah Klaten ikut?").count("Kabupaten Klaten (Jawa Tengah)") == 1


def test_chat_language(var: Path) -> None:
    assert "Klaten Regency" in chat(var, "/language", "Klaten?")
    assert "Klaten Regency" in chat(var, "/bahasa en", "Klaten?")
    assert "Kabupaten Klaten" in chat(var, "/language", "/language", "Klaten?")
    assert "Kabupaten Klaten" in chat(var, "/language id", "Klaten?", arguments=("--lang", "en"))
    assert "Klaten Regency" in chat(var, "Klaten?", arguments=("--lang", "en"))


def test_chat_help(var: Path) -> None:
    helps = [chat(var, "/help", arguments=("--lang", language)).lower() for language in ("id", "en")]
    assert helps[0] != helps[1]
    assert all("klaten" in told for told in helps)


def test_chat_unknown_command(var: Path) -> None:
    assert "/dance" in chat(var, "/dance now")
    assert "no command" in chat(var, "/dance", arguments=("--lang", "en")).lower()


def test_chat_takes_any_bytes(var: Path) -> None:
    assert "Kabupaten Klaten" in chat(var, b"\xff\xfe", "x" * 4000, "\x00", "{command}", "Apakah Klaten ikut?")


def test_chat_braces_in_a_command(var: Path) -> None:
    assert "/{0}{x}" in chat(var, "/{0}{x}")


# -------------------------------------------------------------------------------------------------------------- status


@pytest.mark.parametrize("named", ["klaten", "33.10", "33_10", "Kabupaten Klatne"])
def test_status_prints_a_card_by_name_or_code(var: Path, named: str) -> None:
    done = bot("status", named, var=var)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Kartu status: Kabupaten Klaten (Jawa Tengah)\n")
    assert bot("status", named, "--lang", "en", var=var).stdout.startswith(
        "Status card: Klaten Regency (Central Java)\n"
    )


def test_status_of_a_shared_name_a_province_and_a_name_that_is_none(var: Path) -> None:
    both = bot("status", "bandung", var=var)
    assert (both.returncode, "Kabupaten Bandung" in both.stdout, "Kota Bandung" in both.stdout) == (0, True, True)
    assert "20 dari 35" in bot("status", "33", var=var).stdout
    several = bot("status", "sukorejo", var=var)
    assert (several.returncode, several.stdout.count("\n- Sukorejo, ")) == (0, 4)
    none = bot("status", "Atlantis", var=var)
    assert (none.returncode, "Atlantis" in none.stdout) == (1, True)


def test_status_writes_the_page(var: Path, tmp_path: Path) -> None:
    page = tmp_path / "klaten.pdf"
    done = bot("status", "klaten", "--pdf", str(page), "--bot", "@tanya100_bot", var=var)
    assert (done.returncode, done.stderr) == (0, "")
    assert page.read_bytes().startswith(b"%PDF-")
    assert b"https://t.me/tanya100_bot?start=s_33_10" in page.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("klaten", "--pdf", "page.pdf"), "--pdf needs --bot with the bot's user name"),
        (("klaten", "--pdf", "page.pdf", "--bot", "not a name"), "--pdf needs --bot with the bot's user name"),
        (("bandung", "--pdf", "page.pdf", "--bot", "tanya100_bot"), "This is not one region's card."),
        (("klaten", "--pdf", "no/such/folder/page.pdf", "--bot", "tanya100_bot"), "cannot be written (No such file"),
        ((), "Missing argument 'REGION'"),
    ],
)
def test_status_says_what_is_wrong_with_a_call(
    var: Path, tmp_path: Path, arguments: tuple[str, ...], error: str
) -> None:
    placed = [str(tmp_path / a) if a.endswith(".pdf") else a for a in arguments]
    done = bot("status", *placed, var=var)
    assert (done.returncode, error in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    assert list(tmp_path.iterdir()) == []
