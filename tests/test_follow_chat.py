"""Following in the chat: by name, by year, from buttons, with slips; how one is told; and the words of a change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import clock
import pytest
from followers import COHORT, KLATEN, MASTERPLAN, NOON, PROGRAMME, edit, follows, told
from running import Running, play, running

from handlers.fake_telegram import FakeTelegram, User
from handlers.follow import MAX_FOLLOWED
from handlers.notices.compose import changes
from handlers.notices.following import short, subject_of
from handlers.people import People
from handlers.people.wishes import Wishes
from handlers.rendering import speech
from handlers.rendering.claims import claim_name, claim_text
from handlers.shared.buttons import StaleButton
from knowledge import Engine
from knowledge.difference import Difference
from knowledge.model import Claim, Language
from knowledge.snapshot import Snapshot

LANGUAGES: tuple[Language, ...] = ("id", "en")


@pytest.fixture(autouse=True)
def _noon(one_engine: None) -> Iterator[None]:
    """Noon in Jakarta, and one engine for all bots."""
    with clock.set_to(NOON):
        yield


async def sends(bot: Running, user: User, text: str) -> str:
    """Send a text; the bot's last message."""
    user.sends(text)
    await bot.settles()
    return bot.telegram.said(user)[-1]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("klaten", KLATEN),
        ("Kab. Klaten", KLATEN),
        ("solo", "region:33.72"),
        ("klaten jawa tengah", KLATEN),
        ("aku mau klaten dong", KLATEN),
        ("Pangkajene dan Kepulauan", "region:73.10"),
        ("2019", COHORT),
        ("angkatan 2019", COHORT),
        ("cohort 2019", COHORT),
        ("the 2019 cohort", COHORT),
        ("program", PROGRAMME),
        ("Programme news", PROGRAMME),
        ("berita program", PROGRAMME),
    ],
)
def test_what_is_named_is_followed(tmp_path: Path, text: str, subject: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            await sends(bot, budi, f"/follow {text}")
            assert bot.people.follows.of(budi.id) == [subject]

    play(scene)


@pytest.mark.parametrize(
    "text",
    [
        "bandung", "jawa tengah", "xyzzyq", "2020", "1999", "zona", "99", "klatenn", "Cawas", "klaten apa saja", "klaten 2019",
        "klaten dan jawa timur", "tahap 2", "semua", "all", "berita", "news", "angkatan", "the cohorts", "berhenti", "none",
        "batal", "cancel", "hentikan klaten", "unfollow klaten", "stop following klaten", "klaten berhenti", "jangan",
        "jangan kirim pesan lagi", "tidak ada",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_asked_about_and_nothing_is_followed(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            await sends(bot, budi, f"/follow {text}")
            assert bot.people.follows.of(budi.id) == []
            assert telegram.buttons(telegram.last(budi))

    play(scene)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("klatenn", [["Ikuti Kabupaten Klaten"]]),
        ("Cawas", [["Ikuti Kabupaten Klaten"]]),
        ("tahap 2", [["Ikuti angkatan 2018"]]),
        ("berita", [["Ikuti program secara umum"]]),
        ("angkatan", [["2017", "2018", "2019", "2021"], ["2022", "2023", "2024"]]),
        ("klaten, solo, dan 2019", [["Kabupaten Klaten"], ["Kota Surakarta"], ["angkatan 2019"]]),
    ],
)
def test_what_may_be_meant_is_offered(tmp_path: Path, text: str, offered: list[list[str]]) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            await sends(bot, budi, f"/ikuti {text}")
            assert telegram.buttons(telegram.last(budi)) == offered

    play(scene)


@pytest.mark.parametrize(
    "text", ["stop", "Berhenti!", "jangan kirim pesan lagi", "unsubscribe", "please stop", "/stop", "/ikuti berhenti"]
)
def test_who_wants_no_more_gets_the_list_with_its_stops(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            follows(bot.people, budi, KLATEN)
            await sends(bot, budi, text)
            assert ["Hentikan Kabupaten Klaten"] in telegram.buttons(telegram.last(budi))
            assert "Hentikan semua" in telegram.buttons(telegram.last(budi))[-1]
            assert bot.people.follows.of(budi.id) == [KLATEN]

    play(scene)


@pytest.mark.parametrize("text", ["hentikan klaten", "stop following klaten", "/stop klaten", "/ikuti klaten stop"])
def test_who_wants_no_more_of_a_region_gets_the_stop_of_that(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            follows(bot.people, budi, COHORT, KLATEN)
            await sends(bot, budi, text)
            assert telegram.buttons(telegram.last(budi)) == [
                ["Berhenti mengikuti Kabupaten Klaten"],
                ["Yang saya ikuti"],
            ]

    play(scene)


def test_words_for_stopping_are_for_those_who_get_messages_and_no_questions(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, kate = telegram.user("Budi"), telegram.user("Kate", language="en")
        async with running(telegram, tmp_path) as bot:
            assert "Anda tidak mengikuti apa pun" in await sends(bot, budi, "/stop")
            assert "mengikuti apa pun" not in await sends(bot, budi, "stop")
            follows(bot.people, kate, KLATEN)
            for text in ("stop signs in Klaten?", "stop klatenn"):
                await sends(bot, kate, text)
                assert "Stop all" not in str(telegram.buttons(telegram.last(kate)))
            assert "You do not follow Blora Regency" in await sends(bot, kate, "/follow stop blora")

    play(scene)


def test_stopping_all_stops_corrections_too_and_forgets_how_one_was_told(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            follows(bot.people, budi, KLATEN, corrections=True, pace="daily")
            bot.people.apply(lambda: bot.people.given.note(budi.id, ["F001"]))
            await sends(bot, budi, "/ikuti")
            for label in ("Hentikan Kabupaten", "Hentikan semua", "Ya, hentikan"):
                budi.presses(label)
                await bot.settles()
            assert (bot.people.follows.of(budi.id), bot.people.follows.wishes(budi.id)) == ([], Wishes())
            assert bot.people.given.of(budi.id) == {}

    play(scene)


@pytest.mark.parametrize(
    ("text", "button"),
    [
        ("ikuti solo dong", "Ikuti daerah ini"),
        ("aku mau ikuti klaten", "Ikuti daerah ini"),
        ("follow klaten", "Follow this region"),
        ("kabari saya kalau ada yang baru tentang klaten", "Ikuti daerah ini"),
    ],
)
def test_who_asks_to_be_told_in_plain_words_is_answered_with_a_button_to_follow(
    tmp_path: Path, text: str, button: str
) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            await sends(bot, budi, text)
            assert telegram.buttons(telegram.last(budi))[0] == [button]
            assert bot.people.follows.of(budi.id) == []
            budi.presses(button)
            await bot.settles()
            assert len(bot.people.follows.of(budi.id)) == 1
            await sends(bot, budi, "apakah klaten ikut?")
            assert "Ikuti" not in str(telegram.buttons(telegram.last(budi)))

    play(scene)


def test_a_card_of_what_one_follows_says_so(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            follows(bot.people, budi, KLATEN)
            await sends(bot, budi, "status klaten")
            budi.presses("✓ Anda mengikuti")
            await bot.settles()
            assert telegram.said(budi)[-1].startswith("Yang Anda ikuti")
            await sends(bot, budi, "status blora")
            assert "Ikuti daerah ini" in telegram.buttons(telegram.last(budi))[0]

    play(scene)


def test_the_second_quiet_hour_is_another_than_the_first(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            await sends(bot, budi, "/ikuti")
            for label in ("Cara saya", "Jam tenang", "22:00"):
                budi.presses(label)
                await bot.settles()
            labels = [label for row in telegram.buttons(telegram.last(budi)) for label in row]
            assert "22:00" not in labels
            assert len([label for label in labels if label.endswith(":00")]) == 23

    play(scene)


@pytest.mark.parametrize(
    "text", ["zona waktu wita", "zona makassar", "zone Makassar", "timezone WITA", "time zone wita"]
)
def test_a_zone_is_named_in_either_language(tmp_path: Path, text: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            assert "WITA" in await sends(bot, budi, f"/ikuti {text}")
            assert bot.people.follows.wishes(budi.id) == Wishes(zone="Asia/Makassar")
            assert bot.people.follows.of(budi.id) == []

    play(scene)


def test_nobody_follows_more_than_can_be_read(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            codes = [region.code for region in bot.bot.services.engine.snapshot.regencies if region.code != "33.10"]
            follows(bot.people, budi, *(f"region:{code}" for code in codes[:MAX_FOLLOWED]))
            assert str(MAX_FOLLOWED) in await sends(bot, budi, "/ikuti klaten")
            assert KLATEN not in bot.people.follows.of(budi.id)
            budi.presses("Yang saya ikuti")
            await bot.settles()
            rows = telegram.buttons(telegram.last(budi))
            assert rows[8] == ["‹", "1/13", "›"]
            budi.presses("‹")
            await bot.settles()
            assert len([row for row in telegram.buttons(telegram.last(budi)) if row[0].startswith("Hentikan K")]) == 4

    play(scene)


def test_a_button_pressed_again_says_how_things_stand_and_works_after_a_stop(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            await sends(bot, budi, "/ikuti bandung")
            offered = telegram.last(budi)
            data = offered["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
            followed = []
            for act in ("follow", "follow", "stop", "follow"):
                if act == "stop":
                    bot.people.apply(lambda: bot.people.follows.stop_all(budi.id))
                else:
                    budi.press_data(data, offered)
                await bot.settles()
                followed.append((len(bot.people.follows.of(budi.id)), len(telegram.said(budi))))
            assert followed == [(1, 2), (1, 2), (0, 2), (1, 3)]
            told = [answer.get("text") for answer in telegram.callback_answers.values()]
            assert told == [None, "Anda sudah mengikuti Kabupaten Bandung.", None]

    play(scene)


@pytest.mark.parametrize("data", ["1fi:p:hourly", "1fi:q:24:0", "1fi:q:1", "1fi:s:XYZ", "1fi:c:2", "1fi:d:r00.00:0", "1fi:x:", "1fi:t:99", "1fi:l:x"])  # fmt: skip
def test_a_button_that_was_never_made_changes_nothing(tmp_path: Path, data: str) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            await sends(bot, budi, "/ikuti klaten")
            before = "\n".join(bot.people._connection._used.iterdump()).partition("inbox")[0]
            budi.press_data(data, telegram.last(budi))
            await bot.settles()
            assert bot.outcomes()[-1] == "unknown"
            assert bot.people.follows.wishes(budi.id) == Wishes()
            assert bot.people.follows.of(budi.id) == [KLATEN]
            assert before == "\n".join(bot.people._connection._used.iterdump()).partition("inbox")[0]

    play(scene)


def test_in_a_group_nobody_follows_anything(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Warga")
        async with running(telegram, tmp_path) as bot:
            budi.sends("/ikuti klaten", to=group)
            await bot.settles()
            budi.press_data("1fi:a:r33.10", telegram.last(group))
            await bot.settles()
            assert bot.people.follows.of(budi.id) == []
            assert bot.people.follows.count() == 0

    play(scene)


def test_who_presses_a_button_of_a_card_follows_in_its_language(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        kate = telegram.user("Kate", language="id")
        async with running(telegram, tmp_path) as bot:
            kate.sends("status of klaten")
            await bot.settles()
            kate.presses("Follow this region")
            await bot.settles()
            assert telegram.said(kate)[-1].startswith("You follow Klaten Regency from now on")
            assert bot.people.follows.language(kate.id) == "en"

    play(scene)


def test_stopped_and_followed_by_several_each_is_their_own(tmp_path: Path) -> None:
    with closing(People(tmp_path)) as people:
        follows(people, 1, KLATEN, COHORT, pace="weekly", quiet_from=1)
        follows(people, 2, KLATEN)
        people.apply(lambda: people.follows.stop(1, KLATEN))
        assert (people.follows.of(1), people.follows.of(2)) == ([COHORT], [KLATEN])
        assert people.follows.followers([KLATEN, COHORT]) == [1, 2]
        assert people.follows.wishes(1) == Wishes(pace="weekly", quiet_from=1)
        people.apply(lambda: people.follows.stop_all(1))
        assert people.follows.of(1) == []
        assert people.follows.wishes(2) == Wishes()
        people.apply(lambda: people.follows.follow(2, KLATEN))
        assert people.follows.of(2) == [KLATEN]


def test_how_somebody_is_told_goes_with_the_last_that_they_follow(tmp_path: Path) -> None:
    def kept(people: People) -> int:
        return int(people._connection.execute("select count(*) from wishes").fetchone()[0])

    with closing(People(tmp_path)) as people:
        follows(people, 1, KLATEN, COHORT, pace="weekly")
        people.apply(lambda: people.notices.announce("admin 1", "kabar", "news", "all", [1], 7))
        people.apply(lambda: people.follows.stop(1, KLATEN))
        assert (kept(people), people.notices.progress(1).waiting) == (1, 1)
        people.apply(lambda: people.follows.stop(1, COHORT))
        assert (kept(people), people.notices.progress(1).waiting) == (0, 0)
        follows(people, 1, KLATEN, corrections=True)
        people.apply(lambda: people.follows.stop(1, KLATEN))
        assert people.follows.wishes(1).corrections
        people.apply(lambda: people.follows.wish(1, corrections=False))
        assert kept(people) == 0


def test_whoever_did_everything_and_is_forgotten_is_nowhere_any_more(tmp_path: Path) -> None:
    def found(people: People, user: User) -> set[str]:
        """The tables that hold somebody's number, also within a text."""
        rows = people._connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        every = {table: people._connection.execute(f"select * from {table}").fetchall() for (table,) in rows}
        return {table for table, rows in every.items() if re.search(rf"(?<!\d){user.id}(?!\d)", repr(rows))}

    async def scene() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with running(telegram, tmp_path) as bot:
            follows(bot.people, budi, KLATEN, corrections=True)
            await sends(bot, budi, "status klaten")
            edit(tmp_path, MASTERPLAN, text_id="Masterplan baru.", text_en="A new masterplan.")
            await told(bot)
            assert "Masterplan baru." in telegram.said(budi)[-1]
            for act in ("kasunanan ikut nggak?", "[Beri tahu saya", "apakah blora ikut?", "[Ada yang salah?]", "[Faktanya", "/daerah klaten",
                        "[Saya bekerja", "Diskominfo", "Kepala Bidang", "[Tanpa surat", "[Kirim", "/daerah blora", "[Saya bekerja", "Dinas",
            ):  # fmt: skip
                if act.startswith("["):
                    budi.presses(act.strip("[]"))
                else:
                    budi.sends(act)
                await bot.settles()
            follows(bot.people, budi, COHORT)
            edit(tmp_path, MASTERPLAN, text_id="Masterplan lain.", text_en="Another masterplan.")
            assert found(bot.people, budi) >= {
                "replies", "conversations", "once", "reports", "waiting", "requests", "drafts", "follows", "wishes", "given",
                "deliveries",
            }  # fmt: skip
            await sends(bot, budi, "/hapusdata")
            budi.presses("Ya, hapus")
            await bot.settles()
            assert found(bot.people, budi) == set()

    play(scene)


def test_subjects_in_buttons(snapshot: Snapshot) -> None:
    for subject in (KLATEN, COHORT, PROGRAMME):
        assert subject_of(short(subject), snapshot) == subject
    for strange in ("", "r", "r33", "r99.99", "c", "c1999", "cxx", "c²", "programme", "x"):
        with pytest.raises(StaleButton):
            subject_of(strange, snapshot)


# ------------------------------------------------------------------------------------------------------------- wording


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_a_name_and_says_something(engine: Engine, language: Language) -> None:
    s = speech(language)
    for claim in engine.snapshot.claims.values():
        assert claim_name(claim, s).strip()
        assert claim_text(claim, s).strip(), claim.id
        assert claim.text(language) in claim_text(claim, s)


def claim(**columns: str) -> Claim:
    """A claim about Klaten."""
    given = {
        "id": "X", "subject": KLATEN, "attribute": "award", "period": "2019", "value": "", "text_id": "", "text_en": "",
        "status": "stated", **columns,
    }  # fmt: skip
    return Claim(**given, sources=("surakartadaily-2019",), conflicts=())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"attribute": "participation", "value": "2019", "status": "confirmed"}, "in the 2019 cohort"),
        ({"attribute": "participation", "value": "2019", "status": "withdrawn", "text_en": "It says so."}, "in the 2019 cohort (withdrawn). It says so."),
        ({"attribute": "later_participation", "value": "2021", "status": "stated"}, "took part in the continuation of 2021"),
        ({"attribute": "mou_date", "value": "2019-05-15", "status": "lead"}, "15 May 2019"),
        ({"attribute": "mou_date", "value": "2019-05-16", "status": "differs"}, "16 May 2019 (figure that differs)"),
        ({"attribute": "size", "value": "1"}, "1 region"),
        ({"attribute": "size", "value": "25", "text_en": "A remark."}, "25 regions. A remark."),
        ({"attribute": "award", "text_en": "An award."}, "An award."),
        ({"attribute": "award", "text_en": "An award.", "status": "disputed"}, "An award. (disputed)"),
    ],
)  # fmt: skip
def test_what_a_claim_says_by_itself(columns: dict[str, str], said: str) -> None:
    assert claim_text(claim(**columns), speech("en")) == said


def test_what_people_typed_into_the_knowledge_is_no_markup(snapshot: Snapshot) -> None:
    told = changes(
        [Difference(claim(text_en="<b>a & b</b>"), claim(text_en="<i>c</i>"))], [KLATEN], snapshot, speech("en")
    )
    assert told is not None
    assert "Was: &lt;b&gt;a &amp; b&lt;/b&gt;\n  Now: <b>&lt;i&gt;c&lt;/i&gt;</b>" in told.parts[0]


def test_a_source_that_is_gone_is_not_named(snapshot: Snapshot) -> None:
    new = Claim("X", KLATEN, "award", "2019", "", "", "New.", "stated", ("no-such-source",), ())
    told = changes([Difference(None, new)], [KLATEN], snapshot, speech("en"))
    assert told is not None
    assert "Source" not in told.parts[0]


def test_a_message_offers_the_cards_and_stops_of_a_few_and_the_list_for_the_rest(snapshot: Snapshot) -> None:
    codes = [region.code for region in snapshot.regencies[:9]]
    found = [Difference(None, claim(id=code, subject=f"region:{code}", text_en="New.")) for code in codes]
    told = changes(found, [f"region:{code}" for code in codes], snapshot, speech("en"))
    assert told is not None
    assert told.keyboard is not None
    labels = [row[0].text for row in told.keyboard.inline_keyboard]
    assert [label.split()[0] for label in labels] == ["Status"] * 3 + ["Stop"] * 3 + ["What"]
