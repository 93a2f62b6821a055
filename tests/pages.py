"""The parts of the docs that are written from the code: `make docs` brings them up to date, and a test fails where they are not.

Such a part stands between `<!-- made by make docs: NAME -->` and `<!-- end -->`; its name is one of :func:`parts`. Nobody edits
it there: who changes a command, a setting or a table changes its description in the code and runs `make docs`.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
from pydantic import SecretStr

import bot
from handlers import privacy
from handlers.people.staff import Role
from handlers.rendering import speech
from handlers.settings import Settings
from handlers.shared.commands import MENU, STAFF_MENU, START, STOP, Command
from handlers.transport import metrics
from knowledge.model import Language

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
LANGUAGES: tuple[Language, ...] = ("en", "id")
STORED = tomllib.loads((ROOT / "handlers" / "people" / "stored.toml").read_text(encoding="utf-8"))
"""What people.db holds: ``table``, ``kept`` and ``deleted``, as the file itself tells."""
COMMANDS = {"en": ("command", "what it does"), "id": ("perintah", "gunanya")}
TABLE = {
    "en": "**`{name}`** {what} Kept: {kept}. `/deleteme`: {deleted}.",
    "id": "**`{name}`** {what} Disimpan: {kept}. `/hapusdata`: {deleted}.",
}
_PART = re.compile(r"<!-- made by make docs: (?P<name>[\w ]+) -->\n(?P<text>.*?)<!-- end -->", re.DOTALL)


def parts() -> dict[str, Callable[[], str]]:
    """What writes each part, by its name."""
    made: dict[str, Callable[[], str]] = {
        "settings": settings, "command line": command_line, "metrics": metrics_table,
    }  # fmt: skip
    for language in LANGUAGES:
        made |= {
            f"commands citizen {language}": partial(commands, language, Role.NONE),
            f"commands officer {language}": partial(commands, language, Role.OFFICER),
            f"commands admin {language}": partial(commands, language, Role.ADMIN),
            f"told {language}": partial(told, language),
            f"stored {language}": partial(stored, language),
        }
    return made


def written(text: str) -> str:
    """A page with all of its made parts as the code says them.

    Raises:
        KeyError: it has a part of a name that nothing writes.
    """
    made = parts()
    return _PART.sub(
        lambda part: f"<!-- made by make docs: {part['name']} -->\n{made[part['name']]()}<!-- end -->", text
    )


def named(text: str) -> list[str]:
    """The names of the made parts of a page."""
    return [part["name"] for part in _PART.finditer(text)]


# ---------------------------------------------------------------------------------------------------------------- the chat


def commands(language: Language, role: Role) -> str:
    """The commands on Telegram that a role adds, by their names in a language, the other language's behind them."""
    s = speech(language)
    added = [command for command, needed in STAFF_MENU if needed == role]
    if role == Role.NONE:
        added = [*MENU, START, STOP]
    if role == Role.ADMIN:
        added = [command for command, needed in STAFF_MENU if needed <= role]
    rows = [(_names(command, language), command.described(s, role)) for command in added]
    return _table(COMMANDS[language], rows)


def _names(command: Command, language: Language) -> str:
    here, *others = command.names if language == "id" else command.names[::-1]
    return " ".join([f"`/{here}`", *(f"(`/{other}`)" for other in others)])


# ----------------------------------------------------------------------------------------------------------- the operator


def settings() -> str:
    """Every setting, its default, and what it means."""
    rows = []
    for name, field in Settings.model_fields.items():
        unset = field.default in (None, "", ()) or isinstance(field.default, SecretStr)
        default = "" if unset else f"`{str(field.default).removesuffix('.0')}`"
        rows.append((f"`{name.upper()}`", default, field.description or ""))
    return _table(("setting", "default", "meaning"), rows)


def command_line() -> str:
    """Every command of `bot.py`: how it is called, what it does, and its options."""
    lines = []
    for name, command in called():
        context = click.Context(command, info_name=f"bot.py {name}")
        arguments = " ".join(p.make_metavar(context) for p in command.params if isinstance(p, click.Argument))
        about, *rest = (command.help or "").split("\n\n")
        lines.append(f"**`bot.py {name}{' ' * bool(arguments)}{_short(arguments)}`** - {_one_line(about)}")
        lines += ["", *(f"{_one_line(text)}\n" for text in rest)]
        for option in command.params:
            if isinstance(option, click.Option) and option.name != "data_dir":
                record = option.get_help_record(context)
                assert record is not None
                lines.append(f"- `{_short(record[0])}` {_one_line(record[1])}")
        lines.append("")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def called() -> Iterator[tuple[str, click.Command]]:
    """Every command of `bot.py`, by the words that call it."""
    for name, target in bot.COMMANDS.items():
        module, _, attribute = target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", child) for sub, child in command.commands.items())
        else:
            yield name, command


def _short(metavar: str) -> str:
    """The seven tables of the knowledge as one word: every command would name them all."""
    return re.sub(r"[\[{]sources\|[^\]}]*[\]}]", "TABLE", metavar)


def metrics_table() -> str:
    """Every metric at /metrics."""
    rows = [(f"`{name}`", kind, labels, about) for name, kind, labels, about in metrics.described()]
    return _table(("metric", "type", "labels", "what it tells"), rows)


# ---------------------------------------------------------------------------------------------------------------- privacy


def told(language: Language) -> str:
    """What /privacy says is stored, where nothing is set otherwise."""
    return "".join(f"- {line}\n" for line in privacy.told(speech(language), Settings.model_construct()).values())


def stored(language: Language) -> str:
    """Every table and column of people.db, in the order of /privacy's lines."""
    at = LANGUAGES.index(language)
    blocks = []
    for name, table in STORED["table"].items():
        kept, deleted = STORED["kept"][table["kept"]]["says"][at], STORED["deleted"][table["deleted"]]["says"][at]
        head = TABLE[language].format(name=name, what=table["what"][at], kept=kept, deleted=deleted)
        columns = "; ".join(f"`{column}` {says[at]}" for column, says in table["columns"].items())
        blocks.append(f"- {head}<br>{columns}.\n")
    return "".join(blocks).replace("QUESTION_LOG_DAYS", "`QUESTION_LOG_DAYS`")


# ------------------------------------------------------------------------------------------------------------------ tables


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(
        f"| {' | '.join(_one_line(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Write every page anew that is not as the code says it."""
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        if (after := written(before)) != before:
            page.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
