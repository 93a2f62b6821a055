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
