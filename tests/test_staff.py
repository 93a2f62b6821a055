"""Roles, invitations and drafts: who may do what, from when until when, whatever happens at the same time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from running import Running, play, running

import bot as entry
from handlers.fake_telegram import FakeTelegram, Refused, User
from handlers.people import People
from handlers.people.drafts import AWAITED_SECONDS, KEPT_SECONDS
from handlers.people.invitations import DAYS
from handlers.people.staff import Role

OWNER, SECOND, BUDI, KATE = 101, 102, 201, 202
DAY = 86400


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """A new people.db with one owner by the setting."""
    made = People(tmp_path, owners=(OWNER,))
    yield made
    made.close()


def joined(people: People, user_id: int, role: Role, *regions: str, name: str = "Budi") -> int:
    """Give somebody a role by an invitation of the first owner; their number."""
    _, payload = people.invitations.create(role, regions, 1)
    member = people.invitations.accept(payload, user_id, name).member
    assert member is not None
    return member.id


def dump(people: People) -> str:
    """Everything that people.db holds."""
    return "\n".join(people._connection._used.iterdump())


# --------------------------------------------------------------------------------------------------------------- owners


def test_the_setting_makes_owners_at_every_start(tmp_path: Path) -> None:
    for owners, expected in (((), []), ((OWNER,), [OWNER]), ((OWNER, SECOND), [OWNER, SECOND]), ((), [OWNER, SECOND])):
        people = People(tmp_path, owners=owners)
        assert [(m.user_id, m.role) for m in people.staff.members()] == [(id, Role.OWNER) for id in expected]
        people.close()


def test_whoever_the_setting_names_is_raised_and_keeps_number_and_name(people: People, tmp_path: Path) -> None:
    number = joined(people, BUDI, Role.OFFICER, "33.10")
    again = People(tmp_path, owners=(OWNER, BUDI))
    member = again.staff.member(BUDI)
    again.close()
    assert member
    assert (member.id, member.name, member.role, member.regions) == (number, "Budi", Role.OWNER, ())


def test_a_stranger_has_no_role(people: People) -> None:
    assert people.staff.role(BUDI) == Role.NONE
    assert people.staff.role(0) == Role.NONE
    assert people.staff.member(BUDI) is None
    with pytest.raises(LookupError):
        people.staff.actor(BUDI)


def test_an_owner_by_the_setting_keeps_the_role(people: People) -> None:
    joined(people, SECOND, Role.OWNER)
    assert people.staff.revoke(1) == "protected"
    assert people.staff.role(OWNER) == Role.OWNER


def test_out_of_the_setting_an_owner_can_be_removed_but_not_the_last(people: People, tmp_path: Path) -> None:
    second = joined(people, SECOND, Role.OWNER)
    people.close()
    again = People(tmp_path)
    assert again.staff.revoke(1) == "done"
    assert again.staff.revoke(second) == "last"
    assert [m.user_id for m in again.staff.members()] == [SECOND]
    again.close()


def test_two_owners_who_remove_each_other_at_once_leave_one(tmp_path: Path) -> None:
    People(tmp_path, owners=(OWNER, SECOND)).close()
    here, there = People(tmp_path), People(tmp_path)
    assert (here.staff.revoke(2), there.staff.revoke(1)) == ("done", "last")
    assert len(there.staff.members()) == 1
    here.close()
    there.close()


def test_a_link_never_lowers_a_role(people: People) -> None:
    invitation, payload = people.invitations.create(Role.OFFICER, ("33.10",), 1)
    assert people.invitations.accept(payload, OWNER, "Sari").state == "held"
    assert people.staff.role(OWNER) == Role.OWNER
    assert [one.id for one in people.invitations.open()] == [invitation.id]


# ------------------------------------------------------------------------------------------------------- roles and names


def test_numbers_are_never_given_again_and_names_stay_for_the_history(people: People) -> None:
    first = joined(people, BUDI, Role.ADMIN)
    actor = people.staff.actor(BUDI)
    assert (actor, people.staff.name_of(actor)) == (f"admin {first}", f"admin {first} (Budi)")
    assert people.staff.revoke(first) == "done"
    assert people.staff.role(BUDI) == Role.NONE
    assert people.staff.name_of(actor) == f"admin {first} (Budi)"
    assert str(BUDI) not in dump(people)
    assert joined(people, BUDI, Role.ADMIN) == first + 1


@pytest.mark.parametrize("actor", ["command line", "edition", "", "admin 99", "admin ²", "owner 1"])
def test_an_actor_without_a_known_name_is_shown_as_it_is(people: People, actor: str) -> None:
    assert people.staff.name_of(actor) == actor


def test_a_removed_person_is_removed_with_drafts_and_open_invitations(people: People) -> None:
    number = joined(people, BUDI, Role.OWNER)
    _, theirs = people.invitations.create(Role.ADMIN, (), number)
    _, others = people.invitations.create(Role.ADMIN, (), 1)
    draft = people.drafts.begin(BUDI, "inviting", {})
    assert people.staff.revoke(number) == "done"
    assert people.drafts.get(draft, BUDI) is None
    assert people.invitations.accept(theirs, KATE, "Kate").state == "revoked"
    assert people.invitations.accept(others, KATE, "Kate").state == "accepted"


def test_removing_again_comes_to_the_same(people: People) -> None:
    number = joined(people, BUDI, Role.ADMIN)
    assert [people.staff.revoke(number), people.staff.revoke(number), people.staff.revoke(99)] == ["done", "done", "unknown"]  # fmt: skip


def test_those_who_can_be_reached(people: People) -> None:
    joined(people, BUDI, Role.ADMIN)
    joined(people, KATE, Role.OFFICER, "33.10")
    people.apply(lambda: people.profiles.set_unreachable(OWNER, True))
    assert people.staff.reachable(Role.OFFICER) == [BUDI, KATE]
    assert people.staff.reachable(Role.ADMIN) == [BUDI]
    assert people.staff.reachable(Role.OWNER) == []


# ----------------------------------------------------------------------------------------------------------- invitations


def test_a_link_fits_into_telegram_and_only_its_hash_is_kept(people: People) -> None:
    _, payload = people.invitations.create(Role.ADMIN, (), 1)
    assert payload.startswith("inv_")
    assert len(payload) <= 64
    assert set(payload) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
    assert payload.removeprefix("inv_") not in dump(people)


def test_a_link_works_once(people: People) -> None:
    _, payload = people.invitations.create(Role.ADMIN, (), 1)
    states = [people.invitations.accept(payload, id, "x").state for id in (BUDI, KATE, BUDI)]
    assert states == ["accepted", "used", "used"]
    assert people.staff.role(KATE) == Role.NONE


def test_a_link_expires(people: People) -> None:
    made, payload = people.invitations.create(Role.ADMIN, (), 1, now=1000.0)
    late = 1000.0 + DAYS * DAY
    assert [made.days_left(1000.0), made.days_left(late - 1)] == [DAYS, 1]
    assert [one.id for one in people.invitations.open(late - 1)] == [made.id]
    assert people.invitations.open(late) == []
    assert people.invitations.accept(payload, BUDI, "Budi", now=late).state == "expired"
    assert people.staff.role(BUDI) == Role.NONE
    assert people.invitations.accept(payload, BUDI, "Budi", now=late - 1).state == "accepted"


def test_a_withdrawn_and_an_unknown_link(people: People) -> None:
    made, payload = people.invitations.create(Role.ADMIN, (), 1)
    people.apply(lambda: people.invitations.withdraw(made.id))
    assert people.invitations.accept(payload, BUDI, "Budi").state == "revoked"
    for strange in ("inv_", "inv_" + "A" * 32, payload[:-1], payload + "A", payload.lower()):
        assert people.invitations.accept(strange, BUDI, "Budi").state == "unknown"
    assert people.staff.role(BUDI) == Role.NONE


def test_withdrawing_a_used_invitation_takes_nothing_away(people: People) -> None:
    made, payload = people.invitations.create(Role.ADMIN, (), 1)
    people.invitations.accept(payload, BUDI, "Budi")
    people.apply(lambda: people.invitations.withdraw(made.id))
    assert people.staff.role(BUDI) == Role.ADMIN
    assert people.invitations.accept(payload, KATE, "Kate").state == "used"


def test_links_for_officers_add_regions_and_a_higher_role_needs_none(people: People) -> None:
    number = joined(people, BUDI, Role.OFFICER, "33.10")
    assert joined(people, BUDI, Role.OFFICER, "33.72", "33.10") == number
    member = people.staff.member(BUDI)
    assert member
    assert member.regions == ("33.10", "33.72")
    _, again = people.invitations.create(Role.OFFICER, ("33.72",), 1)
    assert people.invitations.accept(again, BUDI, "Budi").state == "held"
    joined(people, BUDI, Role.ADMIN)
    member = people.staff.member(BUDI)
    assert member
    assert (member.id, member.role, member.regions) == (number, Role.ADMIN, ())


def test_an_update_handled_again_makes_and_uses_one_invitation(people: People) -> None:
    made, lost = people.invitations.create(Role.ADMIN, (), 1, update_id=7)
    again, payload = people.invitations.create(Role.ADMIN, (), 1, update_id=7)
    assert again.id == made.id
    assert [one.id for one in people.invitations.open()] == [made.id]
    assert people.invitations.accept(lost, BUDI, "Budi", update_id=8).state == "unknown"
    states = [people.invitations.accept(payload, BUDI, "Budi", update_id=id).state for id in (9, 9, 10)]
    assert states == ["accepted", "accepted", "used"]
    assert len(people.staff.members()) == 2


# ------------------------------------------------------------------------------------------------------------- forgetting


def test_whoever_is_forgotten_gives_up_the_role_and_leaves_nothing_personal(people: People) -> None:
    user = 987_654_321
    number = joined(people, user, Role.OWNER, name="Sulastri")
    _, payload = people.invitations.create(Role.ADMIN, (), number)
    draft = people.drafts.begin(user, "x", {"typed": "geheim"})
    people._connection.execute(
        "insert into uploads (draft_id, name, content) values (?, 'secret.csv', x'00')", (draft,)
    )
    people._connection.execute("insert into waiting values (?, 'id', 'm', 'q', '2026-01-01')", (user,))
    people.apply(lambda: people.forget(user))
    left = dump(people)
    assert [word for word in (str(user), "Sulastri", "geheim", "secret.csv") if word in left] == []
    assert people.invitations.accept(payload, KATE, "Kate").state == "revoked"
    assert joined(people, KATE, Role.ADMIN) == number + 1


@pytest.mark.parametrize("by_setting", [True, False])
def test_an_owner_who_must_stay_one_is_forgotten_but_for_that(tmp_path: Path, by_setting: bool) -> None:
    People(tmp_path, owners=(OWNER,)).close()
    people = People(tmp_path, owners=(OWNER,) if by_setting else ())
    if by_setting:
        joined(people, SECOND, Role.OWNER)
    people.apply(lambda: people.staff.set_name(OWNER, "Sari"))
    people.drafts.begin(OWNER, "x", {})
    assert people.staff.permanent(OWNER)
    people.apply(lambda: people.forget(OWNER))
    member = people.staff.member(OWNER)
    assert member
    assert (member.role, member.name, people.drafts.of(OWNER)) == (Role.OWNER, "", [])
    people.close()


# ----------------------------------------------------------------------------------------------------------------- drafts


def test_a_draft_belongs_to_one_person_and_is_dropped_whole(people: People) -> None:
    id = people.drafts.begin(BUDI, "x", {"a": [1, "ç"]})
    people._connection.execute("insert into uploads (draft_id, name, content) values (?, 'f', x'00')", (id,))
    people.apply(lambda: people.drafts.update(id, {"a": 2}, 55))
    draft = people.drafts.get(id, BUDI)
    assert draft
    assert (draft.kind, draft.data, draft.prompt_id) == ("x", {"a": 2}, 55)
    assert people.drafts.get(id, KATE) is None
    people.apply(lambda: people.drafts.drop(id))
    assert people.drafts.get(id, BUDI) is None
    assert people._connection.execute("select count(*) from uploads").fetchone() == (0,)
    assert people.drafts.begin(BUDI, "x", {}) == id + 1


def test_an_update_handled_again_begins_one_draft(people: People) -> None:
    first = people.drafts.begin(BUDI, "x", {}, update_id=7)
    assert people.drafts.begin(BUDI, "x", {}, update_id=7) == first
    assert people.drafts.begin(BUDI, "y", {}, update_id=7) != first
    assert people.drafts.begin(KATE, "x", {}, update_id=7) != first
    assert people.drafts.begin(BUDI, "x", {}) != people.drafts.begin(BUDI, "x", {})


def test_a_text_belongs_to_the_prompt_it_replies_to_or_else_to_the_newest(people: People) -> None:
    old, new = (people.drafts.begin(BUDI, "x", {}, prompt) for prompt in (11, 12))
    people.drafts.begin(BUDI, "x", {})  # asks for nothing
    ids = [draft and draft.id for draft in (
        people.drafts.waiting(BUDI, 11), people.drafts.waiting(BUDI, 12), people.drafts.waiting(BUDI, None),
        people.drafts.waiting(BUDI, 13), people.drafts.waiting(KATE, 11), people.drafts.waiting(KATE, None),
    )]  # fmt: skip
    assert ids == [old, new, new, None, None, None]


def test_a_text_long_after_the_prompt_is_a_question_unless_it_replies(people: People) -> None:
    id = people.drafts.begin(BUDI, "x", {}, 11)
    (at,) = people._connection.execute("select prompted_at from drafts").fetchone()
    assert people.drafts.waiting(BUDI, None, at + AWAITED_SECONDS)
    assert people.drafts.waiting(BUDI, None, at + AWAITED_SECONDS + 1) is None
    replied = people.drafts.waiting(BUDI, 11, at + AWAITED_SECONDS + 1)
    assert replied
    assert replied.id == id


def test_drafts_expire(people: People) -> None:
    people.drafts.begin(BUDI, "x", {}, 11)
    (at,) = people._connection.execute("select prompted_at from drafts").fetchone()
    people.expire(at + KEPT_SECONDS - 1)
    assert len(people.drafts.of(BUDI)) == 1
    people.expire(at + KEPT_SECONDS)
    assert people.drafts.of(BUDI) == []


# ----------------------------------------------------------------------------------------------------- in a running bot


def commands(telegram: FakeTelegram, user: User) -> set[str]:
    """The commands in somebody's menu."""
    return {command["command"] for command in telegram.menu(user, user, "id")}


async def until_menu(telegram: FakeTelegram, user: User, name: str, there: bool) -> None:
    """Wait for a command in somebody's menu."""
    await telegram.until(lambda: (name in commands(telegram, user)) is there)


async def invited(bot: Running, user: User, role: Role, *regions: str) -> None:
    """Somebody opens an invitation of the first owner's."""
    _, payload = bot.people.invitations.create(role, regions, 1)
    user.starts(payload)
    await bot.settles()


@pytest.mark.usefixtures("one_engine")
def test_the_menu_follows_the_role_and_the_language(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi = telegram.user("Sari"), telegram.user("Budi")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await until_menu(telegram, sari, "tim", True)
            await until_menu(telegram, budi, "tanya", True)
            assert "kelola" not in commands(telegram, budi)
            await invited(bot, budi, Role.OFFICER, "33.10")
            assert {"tanya", "kelola", "batal"} <= commands(telegram, budi)
            assert "tim" not in commands(telegram, budi)
            await invited(bot, budi, Role.ADMIN)
            assert "tim" in commands(telegram, budi)
            assert "team" in {c["command"] for c in telegram.menu(budi, budi, "en")}
            budi.sends("/bahasa english")
            await bot.settles()
            assert {"ask", "team"} <= commands(telegram, budi)
            sari.sends("/tim")
            await bot.settles()
            sari.presses("Cabut 2")
            await bot.settles()
            sari.presses("Ya")
            await bot.settles()
            assert "team" not in commands(telegram, budi) | {c["command"] for c in telegram.menu(budi, budi, "en")}
            assert [scope for scope, _ in telegram.commands if scope == f"chat:{budi.id}"] == []

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_menus_of_people_are_mended_at_the_start_and_sent_only_where_they_changed(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi = telegram.user("Sari"), telegram.user("Budi")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await until_menu(telegram, sari, "tim", True)
            await invited(bot, budi, Role.ADMIN)

        def sent() -> int:
            return sum(call.params.get("scope", {}).get("type") == "chat" for call in telegram.called("setMyCommands"))

        before = sent()
        people = People(tmp_path)
        assert people.staff.revoke(2) == "done"
        people.close()
        async with running(telegram, tmp_path, owner_ids=(sari.id,)):
            await until_menu(telegram, budi, "tim", False)
        assert "tim" in commands(telegram, sari)
        assert sent() == before

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_menu_that_cannot_be_sent_stops_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi = telegram.user("Sari"), telegram.user("Budi")
        telegram.faults.add("setMyCommands", Refused(400, "Bad Request: chat not found"), times=99)
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await invited(bot, budi, Role.ADMIN)
            assert bot.people.staff.role(budi.id) == Role.ADMIN
            assert bot.outcomes() == ["done"]
            assert len(telegram.said(budi)) == 1

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_an_owner_by_the_setting_gets_a_name_with_the_first_command(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari = telegram.user("Sari <3")
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            sari.sends("Klaten?")
            await bot.settles()
            assert bot.people.staff.name_of("owner 1") == "owner 1"
            sari.sends("/tim")
            await bot.settles()
            assert bot.people.staff.name_of("owner 1") == "owner 1 (Sari <3)"
            sari.sends("/tim")
            await bot.settles()
            assert "1. Sari <3: pemilik" in telegram.said(sari)[-1]

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_what_a_killed_process_left_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is out, and the process dies before the update is marked as handled."""
    finish = People.finish

    def die(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("killed")

    async def scene() -> None:
        telegram = FakeTelegram()
        sari, budi = telegram.user("Sari"), telegram.user("Budi")
        sari.starts()
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            sari.sends("/tim")
            await bot.settles()
            sari.presses("Undang seseorang")
            await bot.settles()
            monkeypatch.setattr(People, "finish", die)
            sari.presses("Admin")
            await telegram.until(lambda: "inv_" in telegram.said(sari)[-1])
        monkeypatch.setattr(People, "finish", finish)
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await bot.settles()
            (link,) = [text for text in telegram.said(sari) if "inv_" in text]
            assert len(bot.people.invitations.open()) == 1
            monkeypatch.setattr(People, "finish", die)
            budi.starts(link.partition("start=")[2].split()[0])
            await telegram.until(lambda: any("undangan no. 1" in text for text in telegram.said(sari)))
        monkeypatch.setattr(People, "finish", finish)
        async with running(telegram, tmp_path, owner_ids=(sari.id,)) as bot:
            await bot.settles()
            assert bot.people.staff.role(budi.id) == Role.ADMIN
            assert len(bot.people.staff.members()) == 2
        assert len(telegram.said(budi)) == 1
        assert sum("undangan no. 1" in text for text in telegram.said(sari)) == 1

    play(scene)


@pytest.mark.usefixtures("one_engine")
def test_a_link_is_not_used_up_in_a_group_and_its_inviter_alone_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        telegram = FakeTelegram()
        sari, dewi, budi = (telegram.user(name) for name in ("Sari", "Dewi", "Budi"))
        group = telegram.group("Warga")
        for owner in (sari, dewi):
            owner.starts()
        async with running(telegram, tmp_path, owner_ids=(sari.id, dewi.id)) as bot:
            await bot.settles()
            inviter = bot.people.staff.member(dewi.id)
            assert inviter
            _, payload = bot.people.invitations.create(Role.ADMIN, (), inviter.id)
            budi.sends(f"/start {payload}", to=group)
            await bot.settles()
            assert bot.people.staff.role(budi.id) == Role.NONE
            assert len(bot.people.invitations.open()) == 1
            budi.starts(payload)
            await bot.settles()
            assert bot.people.staff.role(budi.id) == Role.ADMIN
            assert (len(telegram.said(sari)), len(telegram.said(dewi))) == (1, 2)
            assert "Budi" in telegram.said(dewi)[-1]

    play(scene)


# --------------------------------------------------------------------------------------------------------- command line


def team(data_dir: Path, *arguments: str, owners: str = "") -> Result:
    """`bot.py team ...`."""
    environment = {"OWNER_IDS": owners, "TELEGRAM_TOKEN": ""}
    return CliRunner().invoke(entry.bot, ["team", *arguments, "--data-dir", str(data_dir)], env=environment)


def test_inviting_listing_and_removing_on_the_command_line(tmp_path: Path) -> None:
    done = team(tmp_path, "invite", "--role", "officer", "--region", "33.10", "--bot", "@tanya100_bot", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "officer for Klaten Regency" in done.output
    (link,) = [line for line in done.output.splitlines() if line.startswith("https://t.me/tanya100_bot?start=inv_")]
    assert "invitation 1: officer 33.10, from command line" in team(tmp_path, "list").output
    people = People(tmp_path)
    came = people.invitations.accept(link.partition("=")[2], BUDI, "Budi")
    people.close()
    assert came.state == "accepted"
    assert came.member
    assert came.member.regions == ("33.10",)
    (row,) = team(tmp_path, "list").output.splitlines()
    assert row.split() == ["1", "officer", came.member.since, "Budi", "33.10"]
    assert team(tmp_path, "revoke", "1").exit_code == 0
    assert team(tmp_path, "list").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("invite", "--role", "officer", "--bot", "tanya100_bot"), "--region"),
        (("invite", "--role", "admin", "--region", "33.10", "--bot", "tanya100_bot"), "--region"),
        (("invite", "--role", "officer", "--region", "33", "--bot", "tanya100_bot"), "code 33."),
        (("invite", "--role", "officer", "--region", "99.99", "--bot", "tanya100_bot"), "code 99.99."),
        (("invite", "--role", "admin", "--bot", "t.me/x"), "--bot"),
        (("revoke", "1"), "OWNER_IDS"),
        (("revoke", "9"), "number 9"),
    ],
)
def test_what_the_command_line_refuses_is_said_and_changes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = team(tmp_path, *arguments, owners=str(OWNER))
    assert (done.exit_code, said in done.output) == (2, True)
    people = People(tmp_path)
    assert [m.user_id for m in people.staff.members()] in ([], [OWNER])
    assert people.invitations.open() == []
    people.close()
