"""What anybody may send to the bot, by chance: acts for hypothesis to draw. ``fuzzing.py`` plays them.

An act is plain data, so that hypothesis can make a failing list of them smaller. ``FUZZ=50`` tries fifty times as many
examples as the ordinary run.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from handlers.people.staff import Role
from handlers.shared.buttons import ACTIONS
from handlers.shared.commands import ALL

What = Literal[
    "says", "commands", "presses", "forges", "bends", "edits", "sends", "document", "inline", "chooses", "guest",
    "member",
    "links", "as_group", "raw", "plays",
]  # fmt: skip
MARK: Final = "wakandaforever"
"""A word that only people say here: it must stand in no log."""
TRANSCRIPTS: Final = Path(__file__).parent / "transcripts"
PEOPLE: Final = {"Budi": "citizen", "Kate": "officer", "Sari": "owner"}
"""Who in a transcript is who here."""
ROLES: Final = {"citizen": Role.NONE, "officer": Role.OFFICER, "admin": Role.ADMIN, "owner": Role.OWNER}
TIMES: Final = int(os.environ.get("FUZZ", "1"))


class Act(NamedTuple):
    """Something that somebody does."""

    who: str
    """A key of ``ROLES``."""
    what: What
    text: str = ""
    at: int = 0
    """Which of several: buttons, messages, places."""
    more: Any = None


def examples(number: int) -> settings:
    """So many examples, each of which may take its time."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=number * TIMES, deadline=None, suppress_health_check=quiet)


# ------------------------------------------------------------------------------------------------------- what may be drawn


def _transcript(path: Path) -> tuple[Act, ...]:
    """The acts of a conversation that is kept as a file; those of the clock and of the process are left out."""
    acts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(rf"({'|'.join(PEOPLE)})( in the group)?(?P<verb>[^:]*)(: ?(?P<said>.*))?", line)
        if found:
            said = (found["said"] or "").replace("\\n", "\n")
            acts.append(Act(PEOPLE[found[1]], "plays", said, int(bool(found[2])), found["verb"].strip()))
    return tuple(acts)


CONVERSATIONS: Final = {path.stem: _transcript(path) for path in sorted(TRANSCRIPTS.glob("*.txt"))}
SAID: Final = sorted({act.text for acts in CONVERSATIONS.values() for act in acts if act.text})

ODD: Final = st.sampled_from((
    "", " ", "\n", "\x00", "\u200b", "\u200d\u200d", "\u202eneilK\u202c", "\ufeff", "Kla\u0301ten", "\ud800",
    "a\udfffb", "🇮🇩", "👩‍👩‍👧‍👦" * 9,
    "<b>", "</b>", "&amp;", "&", "<a href='x'>", "'; drop table people; --", "%s %d {0} {name}", "\\", "/", "//",
    "/@", "/ ", "@",
    "²", "٣", "１２", "0", "-1", "1e9", "9" * 40, "nan", "F001", "33.10", "2018", "31-02-2026",
    "https://example.org/a?b=<c>&d", "ftp://",
    "x" * 4096, "ß" * 4096, "😀" * 2048, "Klaten " * 500, "a " * 2048, "?" * 300, "\u0c15\u0c4d\u200c" * 50, MARK,
    f"apakah {MARK} ikut?",
    f"{MARK} " * 200, "stop", "berhenti", "batal", "cancel", "ya", "no",
))  # fmt: skip
TEXTS: Final = st.one_of(
    st.sampled_from(SAID), st.sampled_from(SAID), ODD, st.text(max_size=40),
    st.builds(lambda said, odd: f"{said} {odd}"[:4096], st.sampled_from(SAID), ODD),
)  # fmt: skip
NAMES: Final = sorted({name for command in ALL for name in command.names})
ARGUMENTS: Final = st.one_of(
    st.sampled_from((
        "", "0", "1", "2", "-1", "999999999", "33.10", "35.78", "33", "99.99", "claims", "regions", "aliases", "F001",
        "2018", "p", "²",
        "|java|18|b", "|||", "y", "n", "id", "en", "1,2", "F001,F002", "programme", "x" * 30, "\u202e", "😀",
    )),
    st.integers(-3, 30).map(str),
    st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs", "Cc")), max_size=8),
)  # fmt: skip
VERBS: Final = st.sampled_from("abcdefghijklmnopqrstuvwxyz")
BUTTONS: Final = st.builds(
    lambda action, letter, verb, rest: ":".join((f"1{action}{letter}", verb, *rest))[:40],
    st.sampled_from(sorted(ACTIONS)), st.sampled_from("ie"), st.one_of(VERBS, ARGUMENTS), st.lists(ARGUMENTS, max_size=3),
)  # fmt: skip
ENTITIES: Final = st.lists(
    st.fixed_dictionaries({
        "type": st.sampled_from(("bot_command", "mention", "text_mention", "text_link", "url", "custom_emoji",
                                 "blockquote", "date_time", "new")),
        "offset": st.integers(-2, 5000), "length": st.integers(-2, 5000),
    }), max_size=3,
)  # fmt: skip
FILE: Final = {"file_id": "gone", "file_unique_id": "u"}
SHAPE: Final = {**FILE, "width": 1, "height": 1}
HIDDEN: Final = {"type": "hidden_user", "date": 0, "sender_user_name": MARK}
NO: Final = dict.fromkeys(
    ("is_closed", "is_anonymous", "allows_multiple_answers", "allows_revoting", "members_only"), False
)
CONTENTS: Final = st.sampled_from(
    (
        {},
        {"caption": MARK},
        {"photo": []},
        {"photo": [SHAPE], "caption": MARK},
        {"video": {**SHAPE, "duration": 0}, "media_group_id": "7", "caption": MARK},
        {"document": FILE},
        {"document": {**FILE, "file_size": 10**12}},
        {"audio": {**FILE, "duration": 1, "file_name": f"{MARK}.mp3"}},
        {"voice": {**FILE, "duration": 1}},
        {"sticker": {**SHAPE, "type": "regular", "is_animated": False, "is_video": False}},
        {"dice": {"emoji": "🎲", "value": 6}},
        {"contact": {"phone_number": "+62", "first_name": MARK}},
        {"location": {"latitude": -91.0, "longitude": 999.0}},
        {"poll": {**NO, "id": "1", "question": MARK, "options": [], "total_voter_count": 0, "type": "quiz"}},
        {"new_chat_title": MARK},
        {"delete_chat_photo": True},
        {"group_chat_created": True},
        {"web_app_data": {"data": MARK, "button_text": "x"}},
        {"users_shared": {"request_id": 1, "users": [{"user_id": 5, "first_name": MARK}]}},
        {"write_access_allowed": {}},
        {"forum_topic_created": {"name": MARK, "icon_color": 0}, "is_topic_message": True, "message_thread_id": 7},
        {"migrate_from_chat_id": -1},
        {"something_new": {"text": MARK}},
        {"text": MARK, "via_bot": {"id": 42, "is_bot": True, "first_name": "x"}},
        {"text": "/start", "quote": {"text": MARK, "position": 0}, "external_reply": {"origin": HIDDEN}},
        {"text": "Klaten?", "forward_origin": HIDDEN},
        {"text": "Klaten?", "is_automatic_forward": True},
    )
)
"""Messages that are no plain text, as Telegram tells them or might."""
UPDATES: Final = st.sampled_from(({}, {"some_new_thing": {"text": MARK}}, {"message": None}, {"inline_query": None}))
"""Updates without content, or of a type that nobody knows yet."""
FILES: Final = st.tuples(
    st.sampled_from(("claims.csv", "a.xlsx", "a.zip", "../../etc/passwd", f"{MARK}.json", "x" * 200, "a\u202evsc.exe",
    "")),
    st.one_of(st.binary(max_size=60), st.sampled_from((b"id,value\nF001,2\n", b"id,text_en\nF001,=1+1\n",
        b"PK\x03\x04", b"{}", b'{"claims":[{}]}'))),
)  # fmt: skip
STATUSES: Final = st.sampled_from(("creator", "administrator", "member", "restricted", "left", "kicked"))
PAYLOADS: Final = st.one_of(
    st.builds(lambda a, b: f"{a}_{b}", st.sampled_from(("r", "s", "c", "t", "f", "inv", "q", "x")),
        st.from_regex(r"[A-Za-z0-9_-]{0,40}", fullmatch=True)),
    st.sampled_from(("r_33_10", "s_33_10", "c_2019", "t_quick_win", "inv_" + "A" * 32, "r_99_99", "r_33",
    "c_99999999999999999999")),
    st.from_regex(r"[A-Za-z0-9_-]{0,64}", fullmatch=True),
)  # fmt: skip


def acts(*who: str) -> st.SearchStrategy[Act]:
    """Anything that some of these people do, what leads further more often."""
    people, small = st.sampled_from(who or tuple(ROLES)), st.integers(0, 30)

    def act(what: What, text: Any = "", more: Any = None) -> st.SearchStrategy[Act]:
        drawn = [value if isinstance(value, st.SearchStrategy) else st.just(value) for value in (text, more)]
        return st.builds(Act, people, st.just(what), drawn[0], small, drawn[1])

    press, say = act("presses"), act("says", TEXTS, more=ENTITIES)
    command = st.builds(lambda name, rest: f"/{name} {rest}".strip(), st.sampled_from(NAMES), TEXTS)
    return st.one_of(
        press, press, press, say, say, act("commands", command), act("forges", BUTTONS), act("bends", ARGUMENTS,
        more=small),
        act("edits", TEXTS), act("sends", more=CONTENTS), act("document", more=FILES), act("guest", TEXTS),
        act("links", PAYLOADS),
        act("inline", TEXTS, more=st.sampled_from(("", "15", "-1", "²", "9" * 64, "x"))),
        act("chooses", st.sampled_from(("region-33.10-id", "fact", "", "a-b-en", "x" * 64))),
        act("member", more=st.tuples(STATUSES, STATUSES)), act("as_group", TEXTS), act("raw", more=UPDATES),
    )  # fmt: skip


@st.composite
def conversations(draw: st.DrawFn) -> list[Act]:
    """A part of a conversation as it is kept in a file, in which acts are left out, done twice, or come in between."""
    kept = CONVERSATIONS[draw(st.sampled_from(sorted(CONVERSATIONS)))]
    begin = draw(st.integers(0, max(0, len(kept) - 10)))
    found: list[Act] = []
    for act in kept[begin : begin + 40]:
        chance = draw(st.integers(0, 9))
        if chance == 0:
            continue
        found += [act, act] if chance == 1 else [draw(acts()), act] if chance < 4 else [act]
    return found
