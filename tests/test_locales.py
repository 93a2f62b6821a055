"""The catalogs of both languages: complete, true to the code, compiled by themselves."""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import locales

ROOT = Path(__file__).parent.parent
LANGUAGES = ("id", "en")
KEYWORDS = {"_": None, "ngettext": (1, 2), "saying": None}
_WITHIN = re.compile(r"\{[^}]*\}|<[^>]*>")
"""Placeholders and tags."""
Key = str | tuple[str, ...]


def catalog(language: str) -> Catalog:
    """The translator's file of a language."""
    with locales.catalog(language).open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(scope="module")
def catalogs() -> dict[str, Catalog]:
    """Those of both languages."""
    return {language: catalog(language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def extracted() -> set[Key]:
    """The messages in the code."""
    return {
        row[2]
        for part in ("handlers", "knowledge")
        for row in extract_from_dir(ROOT / part, [("**.py", "python")], keywords=KEYWORDS)
    }


def test_no_message_hides_in_an_f_string() -> None:
    """The catalogs are gathered from what stands outside of them."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "handlers").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in KEYWORDS
    ]
    assert hidden == []


def placeholders(text: str) -> set[str]:
    """Names in {braces}."""
    return {name for _, name, *_ in string.Formatter().parse(text) if name is not None}


def forms(value: str | list[str] | tuple[str, ...]) -> list[str]:
    """A message's forms, one or several."""
    return [value] if isinstance(value, str) else list(value)


def test_there_is_something_to_translate(extracted: set[Key]) -> None:
    assert len(extracted) > 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_code_is_in_the_catalog(
    catalogs: dict[str, Catalog], extracted: set[Key], language: str
) -> None:
    assert extracted - {message.id for message in catalogs[language]} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_the_catalog_is_obsolete(catalogs: dict[str, Catalog], extracted: set[Key], language: str) -> None:
    assert {message.id for message in catalogs[language] if message.id} - extracted == set()
    assert not catalogs[language].obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(catalogs: dict[str, Catalog], language: str) -> None:
    plurals = catalogs[language].num_plurals
    assert [message.id for message in catalogs[language] if message.id and not translated(message, plurals)] == []


def translated(message: Message, plurals: int) -> bool:
    """Whether a message is translated in all its forms, with the same placeholders, and ends as the English one does."""
    said, originals = forms(message.string), forms(message.id)
    if message.fuzzy or len(said) != (plurals if message.pluralizable else 1):
        return False
    return all(
        text.strip() and placeholders(text) == placeholders(original) and text.endswith(" ") == original.endswith(" ")
        for original, text in zip(originals, said, strict=True)
    )


def test_indonesian_is_not_english(catalogs: dict[str, Catalog]) -> None:
    """What stands the same in both is a name, a number or very short."""
    same = [m.id for m in catalogs["id"] if m.id and forms(m.string) == forms(m.id)]
    assert [text for text in same if len(re.findall("[A-Za-z]+", _WITHIN.sub("", max(forms(text), key=len)))) > 3] == []


# ------------------------------------------------------------------------------------------------------------ compiling


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the English catalog, not compiled yet."""
    for language in LANGUAGES:
        shutil.copytree(locales.HERE / language, tmp_path / language, ignore=shutil.ignore_patterns("*.mo"))
    monkeypatch.setattr(locales, "HERE", tmp_path)
    locales.translations.cache_clear()
    yield tmp_path / "en" / "LC_MESSAGES"
    locales.translations.cache_clear()


BYE = "Goodbye, and do come back with more questions."


def spoken() -> str:
    """How the English catalog says goodbye."""
    locales.translations.cache_clear()
    return locales.translations("en").gettext(BYE)


def edit(folder: Path, text: str) -> None:
    """Translate the goodbye differently."""
    po = folder / "bot.po"
    before = po.read_text(encoding="utf-8")
    after = before.replace(f'msgid "{BYE}"\nmsgstr "{spoken()}"', f'msgid "{BYE}"\nmsgstr "{text}"')
    assert after != before
    po.write_text(after, encoding="utf-8")


def age(path: Path, seconds: float) -> None:
    """Make a file older than now."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_a_missing_compiled_catalog_is_made(folder: Path) -> None:
    assert spoken()
    with (folder / "bot.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext(BYE) == spoken()


def test_an_old_compiled_catalog_is_made_again(folder: Path) -> None:
    edit(folder, "So long!")
    age(folder / "bot.mo", 60)
    assert spoken() == "So long!"
    assert (folder / "bot.mo").stat().st_mtime >= (folder / "bot.po").stat().st_mtime


def test_a_fresh_compiled_catalog_is_left_alone(folder: Path) -> None:
    spoken()
    edit(folder, "So long!")
    age(folder / "bot.po", 60)
    assert spoken() != "So long!"


def test_a_folder_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(folder, "So long!")
    (folder / "bot.mo").unlink()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only")

    for name in ("write_bytes", "write_text", "replace", "rename"):
        monkeypatch.setattr(Path, name, refuse)
    assert spoken() == "So long!"
    assert not (folder / "bot.mo").exists()


@pytest.mark.parametrize("content", [b"", b"\xde\x12", b"no catalog at all"])
def test_a_damaged_compiled_catalog_is_made_again(folder: Path, content: bytes) -> None:
    """A full disk leaves an empty one behind."""
    said = spoken()
    (folder / "bot.mo").write_bytes(content)
    assert spoken() == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(catalogs: dict[str, Catalog], language: str) -> None:
    compiled = locales.translations(language)
    for message in catalogs[language]:
        if message.id and not message.pluralizable:
            assert compiled.gettext(message.id) == message.string


# ------------------------------------------------------------------------------------------ words only through catalogs


def untranslated(node: ast.AST) -> Iterator[str]:
    """Literal texts under a node that are no arguments of ``_`` or ``ngettext``."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in KEYWORDS:
            return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from untranslated(child)


@pytest.mark.parametrize("name", ["ask", "chat"])
def test_everything_echoed_is_translated(name: str) -> None:
    tree = ast.parse((ROOT / "handlers" / "terminal" / f"{name}.py").read_text(encoding="utf-8"))
    echoed = [
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("click.echo", "echo", "print", "click.secho")
        for argument in node.args
        for text in untranslated(argument)
    ]
    assert [text for text in echoed if " " in text.strip()] == []
