"""The schema of people.db as named steps, each applied once. An applied step is never edited: add another."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("people")


@migrations()
def m001_updates_people_questions(db: Database) -> None:
    """Received updates, sent replies, what each person chose, what could not be answered, and reports."""
    db.table("inbox").create(
        {"update_id": int, "received_at": int, "body": str, "starts": int, "outcome": str},
        pk="update_id", not_null={"received_at", "starts"}, defaults={"starts": 0}, strict=True,
    )  # fmt: skip
    db.table("replies").create(
        {
            "update_id": int, "step": int, "chat_id": int, "message_id": int, "question_id": int, "question": str,
            "answer": str, "sent_at": int,
        },
        pk=("update_id", "step"), not_null={"chat_id", "sent_at"}, strict=True,
    )  # fmt: skip
    db.table("replies").create_index(["chat_id", "question_id"])
    db.table("once").create(
        {"chat_id": int, "what": str, "at": int}, pk=("chat_id", "what"), not_null={"at"}, strict=True
    )
    db.table("people").create(
        {"user_id": int, "language": str, "unreachable_since": int}, pk="user_id", strict=True
    )  # fmt: skip
    db.table("conversations").create(
        {"chat_id": int, "user_id": int, "context": str, "at": int},
        pk=("chat_id", "user_id"), not_null={"context", "at"}, strict=True,
    )  # fmt: skip
    db.table("questions").create(
        {"id": int, "day": str, "text": str, "language": str, "reason": str, "place": str},
        pk="id", not_null={"day", "text", "language", "reason"}, strict=True,
    )  # fmt: skip
    db.table("reports").create(
        {
            "id": int, "day": str, "language": str, "reason": str, "question": str, "answer": str, "note": str,
            "reporter": int,
            "prompt_id": int,
        },
        pk="id", not_null={"day", "language", "answer"}, strict=True,
    )  # fmt: skip
    db.table("settings").create({"key": str, "value": str}, pk="key", not_null={"value"}, strict=True)


@migrations()
def m002_roles_drafts_decisions(db: Database) -> None:
    """Who looks after the knowledge, what they have half-finished, what was decided, and numbers of what was asked."""
    db.table("staff").create(
        {
            "id": int, "user_id": int, "name": str, "role": str, "regions": str, "digest": int, "since": str,
            "invited_by": int,
        },
        pk="id", not_null={"role", "regions", "digest", "since"}, defaults={"regions": "", "digest": 0}, strict=True,
    )  # fmt: skip
    db.table("staff").create_index(["user_id"], unique=True)
    db.table("invitations").create(
        {
            "id": int, "token_hash": str, "role": str, "regions": str, "created_by": int, "expires_at": int, "used_by": int,
            "used_update": int, "made_update": int, "revoked": int,
        },
        pk="id", not_null={"token_hash", "role", "regions", "expires_at"}, defaults={"regions": "", "revoked": 0}, strict=True,
    )  # fmt: skip
    db.table("invitations").create_index(["token_hash"], unique=True)
    db.table("drafts").create(
        {
            "id": int, "user_id": int, "kind": str, "data": str, "prompt_id": int, "prompted_at": int, "expires_at": int,
            "update_id": int, "token": str,
        },
        pk="id", not_null={"user_id", "kind", "data", "expires_at", "token"}, strict=True,
    )  # fmt: skip
    db.table("drafts").create_index(["user_id"])
    db.table("uploads").create(
        {"draft_id": int, "name": str, "content": bytes}, pk="draft_id", not_null={"name", "content"}, strict=True
    )
    db.table("questions").add_column("meaning", str)
    db.table("questions").create_index(["language", "meaning"])
    db.table("decisions").create(
        {"language": str, "meaning": str, "decision": str, "example": str, "day": str, "actor": str},
        pk=("language", "meaning"), not_null={"decision", "day"}, strict=True,
    )  # fmt: skip
    db.table("waiting").create(
        {"user_id": int, "language": str, "meaning": str, "question": str, "day": str},
        pk=("user_id", "language", "meaning"), not_null={"question", "day"}, strict=True,
    )  # fmt: skip
    for column in ("state", "trace", "role", "decided_day", "decided_by", "decision_note"):
        db.table("reports").add_column(column, str, not_null_default="open" if column == "state" else "")
    db.table("reports").add_column("decided_change", int, not_null_default=0)
    db.table("tally").create(
        {"day": str, "outcome": str, "language": str, "about": str, "times": int},
        pk=("day", "outcome", "language", "about"), not_null={"times"}, strict=True,
    )  # fmt: skip


@migrations()
def m003_requests(db: Database) -> None:
    """Who asks to be recognised as officer of a region."""
    db.table("requests").create(
        {
            "id": int, "user_id": int, "name": str, "region": str, "office": str, "position": str, "letter": str,
            "language": str, "day": str, "state": str, "decided_day": str, "decided_by": str, "note": str,
            "decided_update": int, "member": int, "token": str,
        },
        pk="id", not_null={"name", "region", "office", "position", "letter", "language", "day", "state", "decided_day", "decided_by", "note", "token"},
        defaults={"decided_day": "", "decided_by": "", "note": ""}, strict=True,
    )  # fmt: skip
    db.table("requests").create_index(["user_id"])
    db.table("requests").create_index(["member"])
    db.table("requests").create_index(["token"], unique=True)


@migrations()
def m004_corrections(db: Database) -> None:
    """What officers propose to correct of their regions."""
    texts = ("kind", "region", "line", "language", "claim", "text", "other", "period", "before", "source", "document")
    decided = ("decided_day", "decided_by", "note")
    db.table("corrections").create(
        {
            "id": int, "day": str, "user_id": int, "member": int, **dict.fromkeys(texts, str), "token": str, "state": str,
            **dict.fromkeys(decided, str), "change_id": int, "rounds": int,
        },
        pk="id", not_null={"day", "member", *texts, "token", "state", *decided, "change_id", "rounds"},
        defaults={"state": "open", **dict.fromkeys(decided, ""), "change_id": 0, "rounds": 0}, strict=True,
    )  # fmt: skip
    db.table("corrections").create_index(["user_id"])
    db.table("corrections").create_index(["token"], unique=True)


@migrations()
def m005_follows_notices(db: Database) -> None:
    """Who follows what and how they want to be told, what is to be told, to whom, and what is on its way."""
    db.table("follows").create(
        {"user_id": int, "subject": str, "since": str},
        pk=("user_id", "subject"), not_null={"since"}, strict=True,
    )  # fmt: skip
    db.table("follows").create_index(["subject", "user_id"])
    wishes: dict[str, str | int] = {
        "pace": "now", "quiet_from": 21, "quiet_to": 7, "zone": "Asia/Jakarta", "corrections": 0, "broadcasts": 1,
        "last_message": 0,
    }  # fmt: skip
    db.table("wishes").create(
        {"user_id": int, **{name: type(value) for name, value in wishes.items()}},
        pk="user_id", not_null=set(wishes), defaults=wishes, strict=True,
    )  # fmt: skip
    notices: dict[str, str | int] = {
        "change_id": 0, "subject": "", "actor": "", "text_id": "", "text_en": "", "audience": "", "spread_to": 0, "sent": 0,
        "dropped": 0,
    }  # fmt: skip
    db.table("notices").create(
        {
            "id": int, "kind": str, "at": int, "state": str, "update_id": int,
            **{name: type(value) for name, value in notices.items()},
        },
        pk="id", not_null={"kind", "at", "state", *notices}, defaults=notices, strict=True,
    )  # fmt: skip
    db.table("notices").create_index(["update_id"], unique=True)
    db.table("deliveries").create(
        {"notice_id": int, "user_id": int, "due_at": int, "state": str, "at": int},
        pk=("notice_id", "user_id"), not_null={"due_at", "state", "at"}, defaults={"at": 0}, strict=True,
    )  # fmt: skip
    db.table("deliveries").create_index(["user_id", "state"])
    db.execute("create index deliveries_waiting on deliveries (due_at, notice_id) where state = 'waiting'")
    db.table("outgoing").create(
        {
            "user_id": int, "html": str, "keyboard": str, "before_here": int, "before": int, "tries": int, "retry_at": int,
        },
        pk="user_id", not_null={"html", "keyboard", "before_here", "before", "tries", "retry_at"}, strict=True,
    )  # fmt: skip


@migrations()
def m006_given(db: Database) -> None:
    """What was told to those who want to hear of it when it is corrected, and the language that followers spoke last."""
    db.table("wishes").add_column("language", str)
    db.table("given").create(
        {"user_id": int, "told": str, "day": str}, pk=("user_id", "told"), not_null={"day"}, strict=True
    )
    db.table("given").create_index(["told"])


@migrations()
def m007_corrections_decided_once(db: Database) -> None:
    """Which update decided on a proposal: handled again after a kill, it tells of its decision to the end."""
    db.table("corrections").add_column("decided_update", int)
