"""Whatever anybody sends, in whatever order: it is handled, nothing breaks, and who has no role changes nothing."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from typing import Any

import pytest
from fuzz_acts import CONVERSATIONS, MARK, Act, acts, conversations, examples
from fuzzing import Stage, played, staged
from hypothesis import given
from hypothesis import strategies as st

from handlers.people.staff import Role
from knowledge import Engine

Json = dict[str, Any]


@examples(10)
@given(done=st.lists(acts(), min_size=30, max_size=60))
def test_anything_may_be_sent_by_anybody_in_any_order(engine: Engine, done: list[Act]) -> None:
    played(engine, done)


@examples(12)
@given(done=conversations())
def test_a_conversation_may_take_any_turn(engine: Engine, done: list[Act]) -> None:
    played(engine, done)


@examples(6)
@given(done=st.lists(acts("citizen"), min_size=30, max_size=60))
def test_whoever_has_no_role_changes_nothing_that_others_see(engine: Engine, done: list[Act]) -> None:
    async def scene() -> None:
        async with staged(engine) as stage:
            before = stage.knowledge()
            await stage.play(done)
            stage.check()
            assert stage.knowledge() == before
            assert stage.roles == [Role.OFFICER, Role.ADMIN, Role.OWNER]

    asyncio.run(scene())


# --------------------------------------------------------------------------------------------- nothing escapes the fuzzing


FACES = (
    "myregion-id", "broadcast-en", "start-en", "status-id", "inline-en", "report-en", "digest-id", "choose-en",
    "group-en",
    "browse-en", "team-en", "correct-id", "manage-en",
)  # fmt: skip
"""Conversations that lead to most of what takes messages; a new face has one of its own."""
REST = [
    Act("owner", "commands", "/ekspor"), Act("owner", "commands", "/history"), Act("owner", "commands", "/impor"),
    Act("citizen", "commands", "/stop"),
    Act("owner", "document", more=("notes.csv", b"apples,pears\n1,2\n")), Act("owner", "says", "no idea"),
    Act("citizen", "chooses", "region-33.10-id"), Act("citizen", "sends", at=4, more={"migrate_to_chat_id": -5}),
    Act("citizen", "commands", "/ikuti klaten"), Act("citizen", "says", "berhenti"), Act("citizen", "member",
    more=("member", "kicked")),
    *CONVERSATIONS["queue-en"][:25],
]  # fmt: skip
"""What else it takes, short."""
WELCOMED = [
    *(Act("citizen", "plays", said, more=verb) for said, verb in (
        ("/daerah klaten", ""), ("", "presses [Saya bekerja di Kabupaten Klaten]"), ("Diskominfo", ""), ("Kabid", ""),
        ("", "presses [Tanpa surat]"), ("", "presses [Kirim]"),
    )),
    Act("owner", "plays", more="presses [Buka permohonan]"), Act("owner", "plays",
    more="presses [Setujui dengan catatan]"),
    Act("owner", "says", "Selamat datang."),
]  # fmt: skip
"""An officer who is approved with a note."""


def test_every_handler_is_entered_by_what_is_tried(engine: Engine) -> None:
    """Buttons by forging one of each kind; a handler that nothing here leads to fails this test: add what does."""
    entered: set[str] = set()
    registered: set[str] = set()
    begun = [list(CONVERSATIONS[face]) for face in FACES]
    for done in (*begun, REST, WELCOMED, [Act("owner", "says", "hello")]):

        async def scene(done: list[Act] = done) -> None:
            async with staged(engine) as stage:
                names = stage.registered
                registered.update(names)
                if done[-1].text == "hello":
                    done += [
                        Act("owner", "forges", pressing(name)) for name in sorted(names) if name.startswith("\\A1")
                    ]
                    done += [Act("owner", "commands", name) for name in sorted(names) if name.startswith("/")]
                await stage.play(done)
                stage.check()
                entered.update(stage.entered)

        asyncio.run(scene())
    assert registered - entered == set()


def pressing(pattern: str) -> str:
    """A button that a pattern takes."""
    data = pattern.removeprefix("\\A").replace("[ie]", "i").replace("(:|\\Z)", "").replace("\\", "")
    assert re.match(pattern, data)
    return data


@pytest.mark.parametrize("harm", ["raises", "logs", "stores", "sends", "does not answer"])
def test_the_check_sees_what_goes_wrong(engine: Engine, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    from handlers import about, choose, errors

    async def harmful(update: Any, context: Any) -> None:
        if harm == "raises":
            raise RuntimeError(MARK)
        if harm == "logs":
            errors.log.info("asked", text=update.effective_message.text)
        elif harm == "stores":
            context.people.apply(
                lambda: context.people._connection.execute("insert into uploads values (999, 'a', x'00')")
            )
        elif harm == "sends":
            await context.bot.raw_send(context.chat_id, "<b>open")

    async def silent(update: Any, context: Any) -> None:
        context.work.note("done")

    monkeypatch.setattr(about, "about", harmful)
    monkeypatch.setattr(choose, "label_only", silent)
    done = (
        [Act("citizen", "forges", "1ni")]
        if harm == "does not answer"
        else [Act("citizen", "commands", f"/tentang {MARK}")]
    )
    with pytest.raises(AssertionError):
        played(engine, done)


# ------------------------------------------------------------------------------------------------- what is no update at all

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.just(MARK), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("id", "text", "type",
    "chat")), inner, max_size=3)),
    max_leaves=4,
)  # fmt: skip
WAYS = st.lists(st.integers(0, 12), min_size=1, max_size=5)
"""Ways down into an update: which of the fields, and which of those in it ..."""


HANDLED_SECONDS = 5.0


def broken(update: Json, way: list[int], value: Any) -> Json:
    """An update in which something is another thing, or (None) is missing."""
    made = copy.deepcopy(update)
    place: Any = made
    for step in way[:-1]:
        inner = [v for v in (place.values() if isinstance(place, dict) else place) if isinstance(v, dict | list) and v]
        if not inner:
            break
        place = inner[step % len(inner)]
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    if value is None and isinstance(place, dict):
        del place[keys[way[-1] % len(keys)]]
    else:
        place[keys[way[-1] % len(keys)]] = value
    return made


async def whole(stage: Stage) -> list[Json]:
    """Updates of all kinds as Telegram sends them."""
    user, group = stage.people["citizen"], stage.group
    user.sends("Klaten ikut?")
    user.sends(f"/tanya {MARK}", to=group)
    await stage.bot.settles()
    user.presses("Sumber")
    user.edits(user.sends("Klaten"), "Blora")
    user.sends_photo(MARK)
    user.sends_document("a.csv", b"id\n1\n", reply_to=user.last)
    user.types_inline("klaten")
    user.mentions_as_guest("Klaten?")
    group.removes_bot()
    group.adds_bot()
    await stage.bot.settles()
    return [{k: v for k, v in made.items() if k != "update_id"} for made in stage.telegram.updates.made.values()]


@examples(8)
@given(breaks=st.lists(st.tuples(st.integers(0, 99), WAYS, st.one_of(st.none(), JSON)), min_size=20, max_size=40))
def test_what_telegram_would_never_send_stops_nobody(engine: Engine, breaks: Any) -> None:
    """It may be called an error. But it is handled once, what it says stands in no log, and others are answered."""

    async def scene() -> None:
        async with staged(engine) as stage:
            kinds = await whole(stage)
            for which, way, value in breaks:
                update = broken(kinds[which % len(kinds)], way, value)
                stage.telegram.raw(json.loads(json.dumps(update)))
                assert await stage.telegram.within(stage.bot._idle, HANDLED_SECONDS), stage.unhandled
            stage.people["officer"].sends("Blora ikut?")
            await stage.bot.settles()
            assert "Blora" in stage.telegram.said(stage.people["officer"])[-1]
            stage.check_people()
            assert MARK not in stage.log.getvalue(), stage.trouble()

    asyncio.run(scene())


@pytest.mark.parametrize("broken_field", ["from", "chat", "sender_chat"])
def test_a_sender_without_a_number_is_unreadable_and_does_not_stay(engine: Engine, broken_field: str) -> None:
    async def scene() -> None:
        async with staged(engine) as stage:
            message = stage.people["citizen"].sends("Klaten ikut?")
            await stage.bot.settles()
            message[broken_field] = {**message["chat"], "is_bot": False, "id": {"id": 5}}
            stage.telegram.raw({"message": message})
            assert await stage.telegram.within(stage.bot._idle, HANDLED_SECONDS), stage.unhandled
            assert stage.bot.outcomes()[-1] == "unreadable"

    asyncio.run(scene())
