"""The bot's commands, by name in each language: what the menus, /help and the handlers go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.people.staff import Role
from handlers.rendering import Speech


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Both names work in either language; the menu shows the one of its own."""

    id: str
    """Indonesian name."""
    en: str
    """English name."""
    describe: Callable[[Speech], str]
    """What it does, in a few words."""
    in_groups: bool = False
    """Whether groups see it in their menu."""
    for_officers: Callable[[Speech], str] | None = None
    """What it does for officers, where that is less than for admins."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names it goes by."""
        return tuple(dict.fromkeys((self.id, self.en)))

    def described(self, s: Speech, role: Role) -> str:
        """What it does for a role."""
        return (self.for_officers if role == Role.OFFICER and self.for_officers else self.describe)(s)

    def name(self, s: Speech) -> str:
        """Its name in a language."""
        return self.en if s.language == "en" else self.id


ASK = Command("tanya", "ask", lambda s: s._("ask a question"), in_groups=True)
STATUS = Command("status", "status", lambda s: s._("a region's status card"), in_groups=True)
BROWSE = Command("jelajah", "browse", lambda s: s._("look around without typing"))
FOLLOW = Command("ikuti", "follow", lambda s: s._("be told when something changes"))
MY_REGION = Command("daerah", "myregion", lambda s: s._("for officers: my region"))
CANCEL = Command("batal", "cancel", lambda s: s._("stop what is half-finished"))
LANGUAGE = Command("bahasa", "language", lambda s: s._("choose the language"))
HELP = Command("bantuan", "help", lambda s: s._("what I can do"), in_groups=True)
ABOUT = Command("tentang", "about", lambda s: s._("where my knowledge comes from"))
PRIVACY = Command("privasi", "privacy", lambda s: s._("what is stored about you"))
DELETE_ME = Command("hapusdata", "deleteme", lambda s: s._("delete what is stored about you"))
START = Command("start", "start", lambda s: s._("begin"))
STOP = Command("stop", "stop", lambda s: s._("stop messages about what you follow"))

MENU = (ASK, STATUS, BROWSE, FOLLOW, MY_REGION, CANCEL, LANGUAGE, HELP, ABOUT, PRIVACY, DELETE_ME)
"""In the order that menus show them."""
MANAGE = Command(
    "kelola",
    "manage",
    lambda s: s._("find an entry, see it as stored, change it"),
    for_officers=lambda s: s._("see what is recorded of your region"),
)
QUEUE = Command("antrean", "queue", lambda s: s._("unanswered questions, reports, requests and proposals"))
IMPORT = Command("impor", "import", lambda s: s._("bring knowledge in from a file"))
EXPORT = Command("ekspor", "export", lambda s: s._("take the knowledge out as a file"))
HISTORY = Command("riwayat", "history", lambda s: s._("what was changed, and undo"))
DIGEST = Command("ringkasan", "digest", lambda s: s._("the week in numbers, and what is due for review"))
BROADCAST = Command("siaran", "broadcast", lambda s: s._("send followers a notice"))
TEAM = Command("tim", "team", lambda s: s._("who has which role"))

STAFF_MENU = ((MANAGE, Role.OFFICER), (QUEUE, Role.ADMIN), (IMPORT, Role.ADMIN), (EXPORT, Role.ADMIN), (HISTORY, Role.ADMIN), (DIGEST, Role.ADMIN), (BROADCAST, Role.ADMIN), (TEAM, Role.ADMIN))  # fmt: skip
"""The commands of those who look after the knowledge, and the role that each needs at least."""
ALL = (*MENU, START, STOP, *(command for command, _ in STAFF_MENU))
