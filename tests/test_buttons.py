"""Buttons say everything themselves: what goes in comes out again, all of it fits, and nonsense is only ever old."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from running import running
from telegram import InlineKeyboardButton, User

from handlers.fake_telegram import FakeTelegram
from handlers.rendering import document, plain
from handlers.shared import references
from handlers.shared.answers import reply
from handlers.shared.buttons import (
    ACTIONS,
    BROWSE,
    CHOOSE,
    MAX_BYTES,
    SOURCES,
    Button,
    StaleButton,
    TooLong,
    decode,
    of_choice,
    of_filter,
    to_choice,
    to_filter,
)
from knowledge import Answer, Context, Engine
from knowledge.answer import Choice, Filter
from knowledge.model import Language
from knowledge.suggestions import questions

PUBLIC = Path(__file__).parent / "questions" / "public.jsonl"
BOT = User(42, "tanya", True, username="tanya100_bot", supports_inline_queries=True)
LANGUAGES: tuple[Language, ...] = ("id", "en")
ISLANDS = (
    "",
    "sumatra",
    "java",
    "kalimantan",
    "sulawesi",
    "nusa_tenggara",
    "papua",
    "eastern_indonesia",
    "outside_java",
)
VIA = ("abbreviation", "nickname", "former_name", "capital", "english", "spelling", "area", "district")

LANGUAGE: st.SearchStrategy[Language] = st.sampled_from(LANGUAGES)
CODE = st.from_regex(r"[1-9][0-9](\.[0-9][0-9])?", fullmatch=True)
YEARS = st.lists(st.integers(2015, 2029), max_size=15, unique=True).map(tuple)
NAME = st.text(st.characters(exclude_characters=":", exclude_categories=("Cs",)), max_size=70)
ANYTHING = st.text(st.characters(), max_size=64)
PIECES = st.sampled_from(
    [
        *"abcdefghijklmnopqrstuvwxyz", "", "0", "-1", "²", "٣", "33", "33.10", "99.99", "2018", "2018.x", "1.", "||", "|||",
        "33|java|2017|b|n", "|atlantis", "||2018|q", "aw", "partners", "nowhere", "P-33.10-2019", ",", "99999999999999", "😀",
    ]
)  # fmt: skip
"""What buttons are made of, and what only looks so."""
HALF_RIGHT = st.builds(
    lambda action, letter, arguments: ":".join((f"1{action}{letter}", *arguments)),
    st.sampled_from(sorted(ACTIONS)), st.sampled_from("ie"), st.lists(PIECES, max_size=7),
)  # fmt: skip


@st.composite
def choices(draw: st.DrawFn, names: st.SearchStrategy[str] = NAME, most_years: int = 15) -> Choice:
    """A choice as questions make them: a name goes with the way it leads there, and only with that."""
    kind = draw(st.sampled_from(("region", "district", "topic", "list")))
    code = draw(st.sampled_from(sorted(questions("id")))) if kind == "topic" else draw(CODE)
    via = draw(st.sampled_from(("", *VIA)))
    name = draw(names) if via else ""
    asked, when, card = (draw(st.booleans()) for _ in range(3))
    return Choice(kind, code, name, via, asked, draw(YEARS)[:most_years], when, card)  # type: ignore[arg-type]


def less(choice: Choice) -> tuple[Choice, ...]:
    """A choice, and what may be left of it where it is too long: without the name, without the years, without both."""
    unnamed = replace(choice, name="", via="")
    return choice, unnamed, replace(choice, years=()), replace(unnamed, years=())


def filters() -> st.SearchStrategy[Filter]:
    """Any filter."""
    return st.builds(
        Filter, st.lists(st.from_regex(r"[1-9][0-9]", fullmatch=True), max_size=5, unique=True).map(tuple),
        st.sampled_from(ISLANDS), st.lists(st.integers(2015, 2029), max_size=15, unique=True).map(tuple),
        st.sampled_from(("", "kabupaten", "kota")), st.booleans(),
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- round trips


@given(st.sampled_from(sorted(ACTIONS)), LANGUAGE, st.lists(NAME, max_size=5).map(tuple))
def test_a_button_says_the_same_after_the_way_through_telegram(
    action: str, language: Language, arguments: tuple[str, ...]
) -> None:
    button = Button(action, language, arguments)
    try:
        data = button.encode()
    except TooLong:
        # The three bytes of the head and a colon before each argument come on top.
        assert 3 + sum(1 + len(argument.encode()) for argument in arguments) > 64
    else:
        assert decode(data) == button
        assert len(data.encode()) <= 64


@given(choices(), LANGUAGE)
@example(Choice("district", "33.24", "", "district", True, (2018,), True), "id")
@example(Choice("region", "33.10"), "en")
def test_a_choice_comes_out_of_its_button_with_at_most_name_and_years_left_out(
    choice: Choice, language: Language
) -> None:
    data = of_choice(choice, language).encode()
    assert to_choice(decode(data)) in less(choice)
    assert decode(data).language == language


@given(choices(st.text(st.characters(exclude_characters=":", max_codepoint=127), min_size=1, max_size=30), 3), LANGUAGE)
def test_a_name_of_ordinary_length_and_the_years_of_the_movement_are_carried(
    choice: Choice, language: Language
) -> None:
    if choice.kind != "topic":
        assert to_choice(decode(of_choice(choice, language).encode())) == choice


def test_no_name_breaks_the_form_of_a_button(engine: Engine) -> None:
    names = [d.name for d in engine.snapshot.districts] + [a.name for a in engine.snapshot.aliases]
    assert len(names) > 7000
    assert [name for name in names if ":" in name] == []


@given(filters())
def test_a_filter_comes_out_of_its_argument(filter_: Filter) -> None:
    assert to_filter(of_filter(filter_)) == filter_
    assert ":" not in of_filter(filter_)


# -------------------------------------------------------------------------------------------------------------- nonsense


@settings(max_examples=600)
@given(st.one_of(ANYTHING, HALF_RIGHT))
@example("")
@example("1ci:r:33.10:aw:²")
@example("1ci:r:33.10:a:2018:99")
@example("1ci")
@example("2ci:r:33.10")
@example("1ci:z:33.10")
def test_arbitrary_data_is_a_button_or_an_old_one(data: str) -> None:
    try:
        button = decode(data)
    except StaleButton:
        return
    assert button.action in ACTIONS
    try:
        choice = to_choice(button)
    except StaleButton:
        return
    assert choice.kind in ("region", "district", "topic", "list")


@given(st.one_of(ANYTHING, PIECES, st.lists(PIECES, max_size=6).map("|".join)))
def test_an_arbitrary_argument_is_a_filter_or_an_old_one(argument: str) -> None:
    try:
        found = to_filter(argument)
    except StaleButton:
        return
    assert found.type in ("", "kabupaten", "kota")
    assert all(found.provinces)


@settings(max_examples=25)
@given(presses=st.lists(st.one_of(HALF_RIGHT, ANYTHING.map(str.strip)), min_size=20, max_size=60))
@example(
    presses=[
        "1yi:f:q",
        "1yi:",
        "1li:||:-1",
        "1lx",
        "1ri",
        "1si:v:33",
        "1si:v:",
        "1bi:k:33",
        "1bi:c:2024:0",
        "1ci:l:33.10",
    ]
)
def test_pressing_anything_is_no_error_of_the_bot(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, presses: list[str]
) -> None:
    """People's apps send what they like; it is answered, or said to be old."""

    async def scene() -> list[tuple[str, str]]:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("knowledge.open_engine", lambda _: engine)
            async with running(telegram, tmp_path_factory.mktemp("var")) as bot:
                budi.sends("Klaten ikut?")
                await bot.settles()
                message = budi.last
                said = [
                    data
                    for data in presses
                    if 1 <= len(data.encode(errors="ignore")) <= MAX_BYTES and data.isprintable()
                ]
                for data in said:
                    budi.press_data(data, message)
                await bot.settles()
                return list(zip(said, bot.outcomes()[1:], strict=True))

    assert [press for press in asyncio.run(scene()) if press[1] == "error"] == []


# ------------------------------------------------------------------------------------------------------------ everything


@cache
def public(engine: Engine) -> tuple[Answer, ...]:
    """The answers to the public questions, each in its session."""
    sessions: dict[str, Context | None] = {}
    answers = []
    for number, row in enumerate(map(json.loads, PUBLIC.read_text(encoding="utf-8").splitlines())):
        session = row.get("session", row["id"])
        turn = engine.answer(row["text"], sessions.get(session), now=float(number))
        sessions[session] = turn.context
        answers.append(turn.answer)
    return tuple(answers)


@cache
def cards(engine: Engine, language: Language) -> tuple[Answer, ...]:
    """The card of every region, the list of every province, the answer to every topic."""
    wanted = [Choice("list" if r.level == "province" else "region", r.code) for r in engine.snapshot.regions.values()]
    wanted += [Choice("topic", topic) for topic in questions(language)]
    return tuple(engine.choose(choice, Context(language=language), now=0.0).answer for choice in wanted)


def every(engine: Engine) -> Iterator[Answer]:
    """All of them."""
    yield from public(engine)
    for language in LANGUAGES:
        yield from cards(engine, language)


def below(answer: Answer, engine: Engine, *, private: bool = True) -> list[InlineKeyboardButton]:
    """The buttons of an answer."""
    keyboard = reply(answer, engine.snapshot, BOT, private=private).keyboard
    return [button for row in keyboard.inline_keyboard for button in row] if keyboard else []


def test_there_is_something_to_check(engine: Engine) -> None:
    assert len(public(engine)) >= 400
    assert {len(cards(engine, language)) for language in LANGUAGES} == {514 + 38 + len(engine.facts.topics)}


@pytest.mark.parametrize("private", [True, False], ids=["private", "group"])
def test_every_button_fits_is_understood_and_has_a_label(engine: Engine, private: bool) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton: 1 to 64 bytes of data."""
    seen: set[str] = set()
    for answer in every(engine):
        for button in below(answer, engine, private=private):
            assert button.text.strip()
            if button.callback_data is not None:
                data = str(button.callback_data)
                assert 1 <= len(data.encode()) <= 64
                assert decode(data).language == answer.language
                seen.add(decode(data).action)
    assert seen >= {CHOOSE, SOURCES, *((BROWSE,) if private else ())}


@pytest.mark.parametrize("years", [range(2015, 2030), range(2016, 2030), (2018,)], ids=len)
def test_a_question_back_can_be_finished_however_many_years_were_asked_for(engine: Engine, years: range) -> None:
    asked = f"apakah sukorejo ikut {' '.join(map(str, years))}?"
    answer = engine.answer(asked, now=0.0).answer
    assert answer.outcome == "ambiguous"
    found = [decode(str(button.callback_data)) for button in below(answer, engine)]
    carried = [to_choice(button) for button in found if button.action == CHOOSE]
    assert [kept in less(choice) for kept, choice in zip(carried, answer.choices, strict=True)] == [True] * len(carried)
    assert len(carried) > 1


def test_a_sources_button_names_exactly_the_sources_of_its_answer(engine: Engine) -> None:
    named = 0
    for answer in every(engine):
        for button in below(answer, engine):
            said = decode(str(button.callback_data)) if button.callback_data else None
            if said and said.action == SOURCES:
                assert set(references.sources(said, engine)) == set(answer.sources)
                named += 1
    assert named > 1000


def test_an_answer_with_sources_has_a_button_for_them_or_shows_them(engine: Engine) -> None:
    for answer in every(engine):
        shown = reply(answer, engine.snapshot, BOT, private=True)
        buttons = [decode(str(b.callback_data)).action for b in below(answer, engine) if b.callback_data]
        unfolded = any("<blockquote expandable>" in part for part in shown.parts)
        assert [SOURCES in buttons, unfolded].count(True) == bool(answer.sources)


def test_a_choice_from_its_button_gives_the_answer_of_the_choice_itself(engine: Engine) -> None:
    different: dict[tuple[Choice, Language], None] = {}
    for answer in every(engine):
        different.update(dict.fromkeys((choice, answer.language) for choice in answer.choices))
    assert len(different) > 150
    for choice, language in different:
        context = Context(language=language)
        carried = to_choice(decode(of_choice(choice, language).encode()))
        pressed, meant = (engine.choose(c, context, 0.0).answer for c in (carried, choice))
        assert plain(document(pressed, engine.snapshot)) == plain(document(meant, engine.snapshot))
        assert (pressed.sources, pressed.choices) == (meant.sources, meant.choices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_walking_through_every_view_meets_no_error(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    """Every province, cohort and topic with all their pages, and a card of each page: the fake Telegram refuses what is
    too long, and every press is answered."""
    monkeypatch.setattr("knowledge.open_engine", lambda _: engine)

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi", language=language)
        async with running(telegram, tmp_path) as bot:
            budi.sends("/browse")
            await bot.settles()
            message, pressed = budi.last, set[str]()
            waiting = [message]
            while waiting:
                cards_of_page = 0
                rows = waiting.pop().get("reply_markup", {}).get("inline_keyboard", [])
                for data in [b["callback_data"] for row in rows for b in row if "callback_data" in b]:
                    view = decode(data)
                    card = view.action == BROWSE and view.arguments[0] == "k"
                    cards_of_page += card
                    if view.action != BROWSE or data in pressed or (card and cards_of_page > 1):
                        continue
                    pressed.add(data)
                    budi.press_data(data, message)
                    await bot.settles()
                    waiting.append(budi.last)
            assert set(bot.outcomes()) == {"done"}
            assert len(pressed) > 38 + 3 + len(engine.facts.topics)
            # A second press on the page one is on changes nothing; Telegram then refuses the edit, and that is all right.
            refused = {str(call.error) for call in telegram.calls if call.error}
            assert all("not modified" in error for error in refused)

    asyncio.run(scene())
