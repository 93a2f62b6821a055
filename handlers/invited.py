"""Opening an invitation's link: whoever does gets the role that it is for, once, and who invited them is told."""

from __future__ import annotations

from html import escape
from typing import Final

from telegram import Update
from telegram.ext import CommandHandler, filters

from handlers.people.invitations import PREFIX, Invitation, State
from handlers.people.staff import Member, Role
from handlers.rendering import Speech
from handlers.shared import commands
from handlers.shared.context import BotContext
from handlers.shared.message import Reply
from handlers.shared.registering import Handlers
from handlers.staff.menus import commands_of, described
from handlers.staff.officers import begins, held, welcome
from handlers.staff.words import person, position, speech_of, tell

LINK: Final = rf"\A/start(@\w+)?\s+{PREFIX}"


def handlers() -> Handlers:
    """What is registered for it, before other links."""
    private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
    return [CommandHandler(commands.START.names, accept, filters=private & filters.Regex(LINK))]


async def accept(update: Update, context: BotContext) -> None:
    """Give the role, or say why the link does not."""
    s, people, user = context.speech, context.people, update.effective_user
    assert user is not None
    payload = " ".join(context.args or [])
    came = people.invitations.accept(payload, user.id, user.first_name, update_id=context.work.update_id)
    if came.state != "accepted":
        await context.say(Reply((_refusal(context, s, came.state, came.member),)))
        context.work.note("refused", "invitation", s.language)
        return
    assert came.invitation is not None
    assert came.member is not None
    await context.say(_welcome(context, s, came.invitation, came.member))
    await begins(context, came.member, came.invitation.regions, s)
    await _tell_inviter(context, came.invitation, came.member)
    context.work.note("done", "invitation", s.language)


def _welcome(context: BotContext, s: Speech, invitation: Invitation, member: Member) -> Reply:
    what = held(context, member, s)
    inviter = context.people.staff.numbered(invitation.created_by) if invitation.created_by else None
    if inviter:
        head = s._("Your role is now {position}. {inviter} invited you.", position=what, inviter=person(inviter, s))
    else:
        head = s._("Your role is now {position}.", position=what)
    if member.role == Role.OFFICER:
        can, keyboard = welcome(context, s, invitation.regions)
        return Reply((f"{head}\n\n{can}",), keyboard)
    listed = described(commands_of(member.role), s, member.role)
    return Reply(("\n".join([head, "", s._("Your commands, beside those of everybody:"), *listed]),))


def _refusal(context: BotContext, s: Speech, state: State, member: Member | None) -> str:
    if state == "held" and member:
        held = position(member.role, member.regions, context.engine.snapshot, s)
        return s._("Your role is {position} already. The link stays as it was, for whom it is meant.", position=held)
    return {
        "used": s._("This invitation has been used. Each works once; please ask for a new one."),
        "expired": s._("This invitation has expired; please ask for a new one."),
        "revoked": s._("This invitation has been withdrawn; please ask for a new one."),
    }.get(state, s._("I know of no such invitation. Please open the link as it was sent, or ask for a new one."))


async def _tell_inviter(context: BotContext, invitation: Invitation, member: Member) -> None:
    inviter = context.people.staff.numbered(invitation.created_by) if invitation.created_by else None
    if inviter is None or not inviter.user_id:
        return
    s = speech_of(context, inviter.user_id)
    text = s._(
        "{name} has used invitation no. {invitation}: now no. {number}, {position}.",
        name=escape(member.name, quote=False),
        invitation=invitation.id,
        position=position(member.role, member.regions, context.engine.snapshot, s),
        number=member.id,
    )
    await tell(context, inviter.user_id, text)
