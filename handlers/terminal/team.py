"""`bot.py team`: who looks after the knowledge, from the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from handlers.people import People
from handlers.people.invitations import DAYS
from handlers.people.staff import COMMAND_LINE, Role
from handlers.rendering import speech
from handlers.settings import SettingsError, load
from handlers.shared.options import data_dir_option, say_if_none, stop
from handlers.staff.words import invited_as, position
from knowledge import store
from knowledge.model import Language


@click.group()
def team() -> None:
    """See who has which role, invite somebody, take a role away."""


@team.command("list")
@data_dir_option
def list_(data_dir: Path) -> None:
    """Print everybody who has a role, and the invitations that nobody has used."""
    with _people(data_dir) as people:
        members, invitations = people.staff.members(), people.invitations.open()
        say_if_none([*members, *invitations])
        for member in members:
            shown = (member.role.word, member.since, member.name or "(no name yet)", " ".join(member.regions))
            click.echo(f"{member.id:>5}  {shown[0]:<8} {shown[1]}  {'  '.join(filter(None, shown[2:]))}")
        for one in invitations:
            inviter = people.staff.numbered(one.created_by) if one.created_by else None
            by = people.staff.name_of(inviter.actor) if inviter else COMMAND_LINE
            what = " ".join((one.role.word, *one.regions))
            click.echo(f"invitation {one.id}: {what}, from {by}, days left: {one.days_left()}")


@team.command()
@data_dir_option
@click.option("--role", required=True, type=click.Choice(["officer", "admin", "owner"]), help="What they shall be.")
@click.option("--region", "regions", multiple=True, help="Code of a region that an officer looks after, such as 33.10.")
@click.option("--bot", "username", required=True, help="The bot's name on Telegram, for the link.")
@click.option("--lang", "language", type=click.Choice(["id", "en"]), default="id", help="Language of the invitation.")
def invite(data_dir: Path, role: str, regions: tuple[str, ...], username: str, language: Language) -> None:
    """Print an invitation to be sent to one person: its link works once.

    Exit status: 0, or 2 where the role and its regions do not fit together.
    """
    name = username.removeprefix("@")
    if not re.fullmatch(r"[A-Za-z]\w{4,31}", name, re.ASCII):
        stop("--bot should be the bot's name on Telegram, such as tanya100_bot.", 2)
    if bool(regions) != (role == "officer"):
        stop("An officer needs at least one --region, and nobody else has any.", 2)
    snapshot = store.load(data_dir)
    known = {region.code for region in snapshot.regencies}
    for code in regions:
        if code not in known:
            stop(f"There is no regency or city with the code {code}. Codes look like 33.10.", 2)
    with _people(data_dir) as people:
        made, payload = people.invitations.create(Role[role.upper()], regions, None)
    s = speech(language)
    what = position(made.role, made.regions, snapshot, s)
    click.echo(invited_as(made.role, what, s))
    click.echo(f"https://t.me/{name}?start={payload}")
    click.echo(s.ngettext("The link works once, within {n} day.", "The link works once, within {n} days.", DAYS))


@team.command()
@data_dir_option
@click.argument("number", type=int)
def revoke(data_dir: Path, number: int) -> None:
    """Take away the role of the person with that NUMBER (see list). It works at once; a running bot takes the commands
    out of their menu when it next starts.

    Exit status: 0, or 2 where that person must keep it.
    """
    with _people(data_dir) as people:
        outcome = people.staff.revoke(number)
    refusals = {
        "protected": f"OWNER_IDS names no. {number}: take the id out of that setting first.",
        "last": f"No. {number} is the only owner. Invite another one first.",
        "unknown": f"There is nobody with the number {number}. bot.py team list shows all.",
    }
    if outcome in refusals:
        stop(refusals[outcome], 2)
    click.echo(f"No. {number} has no role any more.")


@contextmanager
def _people(data_dir: Path) -> Iterator[People]:
    try:
        settings = load(data_dir=data_dir)
    except SettingsError as error:
        stop(str(error), 2)
    people = People(data_dir, owners=settings.owner_ids)
    try:
        yield people
    finally:
        people.close()
