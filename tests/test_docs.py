"""What the README and docs say is true: links, commands, settings, files, buttons, and the conversation itself."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import click
import pytest
import yaml
from babel.messages.pofile import read_po
from pages import LANGUAGES, PAGES, called, named, parts, written

from handlers.rendering import document, plain, speech
from handlers.settings import Settings
from handlers.shared.commands import ALL, STAFF_MENU
from handlers.transport import metrics
from knowledge import Context, Engine
from knowledge.model import Language

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DEVELOPER = (ROOT / "docs" / "developer.md").read_text(encoding="utf-8")
TWICE = ("citizen", "officer", "admin", "privacy")
"""Pages that there are in both languages."""
page_param = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def read(name: str) -> str:
    """A page of docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands() -> dict[str, click.Command]:
    """Every command of bot.py by the words that call it, groups among them."""
    groups = {name.partition(" ")[0] for name, _ in called() if " " in name}
    return {**dict(called()), **{name: click.Group(name) for name in groups}}


# ------------------------------------------------------------------------------------------------------- made from the code


@page_param
def test_what_is_made_from_the_code_is_as_the_code_says(page: Path) -> None:
    """Otherwise: `make docs`."""
    text = page.read_text(encoding="utf-8")
    assert text == written(text)


def test_every_made_part_stands_on_one_page() -> None:
    found = [name for page in PAGES for name in named(page.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(parts())


def test_a_part_that_nothing_makes_is_no_part() -> None:
    with pytest.raises(KeyError):
        written("<!-- made by make docs: weather -->\n<!-- end -->")


def test_every_command_and_setting_is_in_what_is_made() -> None:
    made = parts()
    said = made["command line"]()
    assert [name for name, _ in called() if f"**`bot.py {name}" not in said] == []
    assert [name for name in Settings.model_fields if f"| `{name.upper()}` |" not in made["settings"]()] == []
    for language in LANGUAGES:
        s = speech(language)
        everybody, admin = made[f"commands citizen {language}"](), made[f"commands admin {language}"]()
        for command in ALL:
            table = admin if command in dict(STAFF_MENU) else everybody
            assert f"| `/{command.name(s)}`" in table


# -------------------------------------------------------------------------------------------------------------------- links


def anchors(text: str) -> set[str]:
    """What a link may name behind ``#``: the headings of a page, as GitHub makes names of them."""
    heads = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@page_param
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"", text):
        path, _, anchor = "".join(target).partition("#")
        if path.startswith(("https://", "http://")):
            continue
        found = page.parent / path if path else page
        assert found.is_file(), f"{page.name}: {path}"
        if anchor:
            assert anchor in anchors(found.read_text(encoding="utf-8")), f"{page.name}: #{anchor}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(docs/([\w.]+\.md)\)", README))
    assert linked == {page.name for page in PAGES if page.name != "README.md"}


def test_pictures_in_the_readme_are_small() -> None:
    pictures = re.findall(r'<img src="([\w./-]+)"', README)
    assert len(pictures) == 2
    assert [name for name in pictures if (ROOT / name).stat().st_size > 80_000] == []


@page_param
def test_files_that_are_spoken_of_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    spoken = set(re.findall(r"`((?:docs|knowledge|tests|locales|handlers)/[\w./-]+)`", text))
    assert {name for name in spoken if not (ROOT / name).exists()} == set()


# ------------------------------------------------------------------------------------------------------- both languages alike


@pytest.mark.parametrize("name", TWICE)
def test_both_languages_have_the_same_parts(name: str) -> None:
    """The same headings at the same places, as many points, rows and buttons, and the same examples of settings and ids."""
    shapes = []
    for language in LANGUAGES:
        text = read(f"{name}.{language}.md")
        heads = [len(found) for found in re.findall(r"^(#+) ", text, re.MULTILINE)]
        between = [
            (len(re.findall(r"^(?:- |\d\. )", part, re.MULTILINE)), part.count("\n|"), len(buttons(part)))
            for part in re.split(r"^#+ ", text, flags=re.MULTILINE)
        ]
        codes = sorted(re.findall(r"`([A-Z_]{4,}|people\.db|[a-z]_\w+|\d[\w.]*)`", text))
        shapes.append((heads, between, codes))
    assert shapes[0] == shapes[1]


def buttons(text: str) -> list[str]:
    """What is set in bold on the pages for people who chat: words of the bot's own."""
    return [" ".join(found.split()) for found in re.findall(r"\*\*([^*`]+)\*\*", text)]


@cache
def words_of_the_bot(language: Language) -> str:
    """Everything the bot says in a language, markup left out."""
    with (ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    texts = [
        text
        for message in catalog
        for text in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    return "\n".join(re.sub(r"<[^>]+>", "", text) for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["citizen", "officer", "admin"])
def test_buttons_are_called_as_the_bot_calls_them(name: str, language: Language) -> None:
    found = buttons(read(f"{name}.{language}.md"))
    assert len(found) > 3
    assert [button for button in found if button not in words_of_the_bot(language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TWICE)
def test_commands_are_called_by_their_names_in_the_language_of_the_page(name: str, language: Language) -> None:
    """Outside the table that gives both names."""
    text = re.sub(r"<!-- made by.*?<!-- end -->", "", read(f"{name}.{language}.md"), flags=re.DOTALL)
    known = {command.name(speech(language)) for command in ALL}
    assert set(re.findall(r"(?<![\w./`])`/([a-z]+)", text)) - known - {"metrics"} == set()


# --------------------------------------------------------------------------------------------------------------- the operator


@page_param
def test_commands_that_are_called_exist_with_their_options(page: Path) -> None:
    known, text = commands(), page.read_text(encoding="utf-8")
    for call in re.findall(r"bot\.py ([a-z][^`\n|;&#]*)", text):
        words = call.split()
        name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
        assert name in known, f"{page.name}: bot.py {call}"
        options = {option for p in known[name].params for option in p.opts} | {"--help"}
        assert {word for word in words if word.startswith("--") and len(word) > 2} - options == set(), call


@page_param
def test_targets_of_make_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@page_param
def test_settings_that_are_spoken_of_exist(page: Path) -> None:
    known = {name.upper() for name in Settings.model_fields}
    words = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)", page.read_text(encoding="utf-8")))
    foreign = {"CREDENTIALS_DIRECTORY", "UPDATE_TRANSCRIPTS"}
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "knowledge").glob("*.py"))
    assert {
        word for word in words - known - foreign if not word.startswith("LITESTREAM_") and word not in code
    } == set()


def test_what_the_operator_is_told_to_see_is_said_somewhere() -> None:
    """The first column of the tables of faults: what the log or the command line says."""
    tables = read("faults.md")
    code = "\n".join(
        path.read_text(encoding="utf-8") for top in ("handlers", "knowledge") for path in (ROOT / top).rglob("*.py")
    )
    code = re.sub(r'"\s*\n\s*f?"', "", code)  # a text that is broken over two lines
    seen = [
        said for row in re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE) for said in re.findall(r"`([^`]+)`", row)
    ]
    assert len(seen) > 15
    assert [said for said in seen if said not in code] == []


def test_metrics_that_the_operator_is_told_of_exist() -> None:
    known = {name for name, *_ in metrics.described()}
    spoken = {name.removesuffix("_bucket") for name in re.findall(r"\btanya_[a-z_]+", read("operator.md"))}
    assert len(spoken) > 5
    assert spoken - known == set()


def test_rules_of_the_operator_are_yaml() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", read("operator.md"), re.DOTALL)
    scrape, rules = (yaml.safe_load(block) for block in blocks)
    assert scrape["scrape_configs"][0]["job_name"] == "tanya"
    assert all({"alert", "expr"} <= set(rule) for rule in rules["groups"][0]["rules"])
    # Of a bot that never made a backup there is nothing to compare with.
    assert any("absent(tanya_backup_last_success" in rule["expr"] for rule in rules["groups"][0]["rules"])


# -------------------------------------------------------------------------------------------------------------- the developer


def test_modules_on_the_way_of_a_message_exist() -> None:
    (line,) = re.findall(r"A message goes one way.*?\n\n", DEVELOPER, re.DOTALL)
    spoken = set(re.findall(r"`(\w+)`", line)) | {"thresholds", "store", "writer"}
    assert {n for n in spoken if not (ROOT / "knowledge" / f"{n}.py").exists()} == set()


def test_parts_of_the_transport_exist() -> None:
    (text,) = re.findall(r"On Telegram an update goes.*?\n\n", DEVELOPER, re.DOTALL)
    spoken = set(re.findall(r"`([a-z/]+)`", text)) - {"handlers/transport"}
    folders = [ROOT / "handlers", ROOT / "handlers" / "transport"]
    assert {n for n in spoken if not any((folder / f"{n}.py").exists() for folder in folders)} == set()
    assert len(spoken) > 6


def test_the_parts_of_handlers_are_all_told() -> None:
    told = set(re.findall(r"^  (\w+)/", DEVELOPER, re.MULTILINE))
    assert told == {path.parent.name for path in (ROOT / "handlers").glob("*/__init__.py")} | {"data"}


# ----------------------------------------------------------------------------------------------------------------- the README


def test_the_readme_is_short() -> None:
    """Who is new reads it whole; all else has a page of its own."""
    assert len(README.splitlines()) <= 160


def test_the_conversation_in_the_readme_is_real(engine: Engine) -> None:
    (block,) = re.findall(r"## A conversation\n\n```\n(.*?)```", README, re.DOTALL)
    context: Context | None = None
    said = []
    for line in block.splitlines():
        if line.startswith("> "):
            turn = engine.answer(line.removeprefix("> "), context, now=0.0)
            context = turn.context
            said += [line, *plain(document(turn.answer, engine.snapshot)).splitlines()]
    told = [line for line in said if line not in ("You could ask:", "Anda bisa bertanya:")]
    assert block.splitlines() == told


def test_every_environment_variable_of_the_command_line_is_a_setting() -> None:
    variables = {str(p.envvar) for _, c in called() for p in c.params if p.envvar}
    assert variables <= {name.upper() for name in Settings.model_fields}
    assert variables


def test_the_benchmarks_can_be_started() -> None:
    """They are not run by the tests; they shall not be found broken on the day they are needed."""
    loaded = [sys.executable, "-c", "import tests.bench, tests.bench_service"]
    done = subprocess.run(loaded, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
