"""The fake Telegram behaves as the real one where the bot's tests lean on it, in process and over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatMember,
    CallbackQuery,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import ApplicationBuilder, MessageHandler, filters
from telegram.request import HTTPXRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from handlers.fake_telegram import (
    Cut,
    FakeTelegram,
    Impossible,
    InProcessRequest,
    Refused,
    ServerError,
    Timeout,
    TooManyRequests,
    Upload,
    memory,
    parse,
    serve,
    utf16_length,
)
from handlers.fake_telegram.store import MAX_DOWNLOAD

Json = dict[str, Any]


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's coroutine function."""
    asyncio.run(work())


@contextlib.asynccontextmanager
async def in_process(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    """A real Bot on the fake, without network."""
    async with Bot(
        telegram.token, request=InProcessRequest(telegram), get_updates_request=InProcessRequest(telegram)
    ) as bot:
        yield bot


@contextlib.asynccontextmanager
async def over_http(telegram: FakeTelegram, read_timeout: float = 2.0) -> AsyncIterator[Bot]:
    """A real Bot on the fake, over HTTP."""
    async with serve(telegram) as url:
        requests = [HTTPXRequest(read_timeout=read_timeout) for _ in range(2)]
        bot = Bot(
            telegram.token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=requests[0],
            get_updates_request=requests[1],
        )
        async with bot:
            yield bot


TRANSPORTS = pytest.mark.parametrize("transport", [in_process, over_http])
KEYBOARD = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Yes, please", callback_data="y"), InlineKeyboardButton("No", callback_data="n")],
        [InlineKeyboardButton("Site", url="https://example.org/a")],
    ]
)


def kinds(updates: Any) -> list[str]:
    """The types of some updates."""
    return [next(name for name in update.to_dict() if name != "update_id") for update in updates]


@TRANSPORTS
def test_a_conversation(transport: Any) -> None:
    """A person starts, the bot answers with buttons, the person presses one, the bot edits."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with transport(telegram) as bot:
            assert bot.username == "tanya100_bot"
            budi.starts("abc")
            (update,) = await bot.get_updates()
            assert update.message.text == "/start abc"
            assert update.message.entities[0].type == "bot_command"
            assert update.message.from_user.language_code == "id"
            sent = await update.message.reply_html(
                "<b>Halo</b> 😀 <i>kota</i> &amp; kabupaten",
                reply_markup=KEYBOARD,
                do_quote=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
            assert sent.text == "Halo 😀 kota & kabupaten"
            assert [(one.type, one.offset, one.length) for one in sent.entities] == [("bold", 0, 4), ("italic", 8, 4)]
            assert sent.reply_to_message.message_id == update.message.message_id
            assert sent.link_preview_options.is_disabled
            assert telegram.buttons(budi.last) == [["Yes, please", "No"], ["Site"]]
            assert budi.presses("Site")["url"] == "https://example.org/a"
            query = budi.presses("Yes")
            (update,) = await bot.get_updates(offset=update.update_id + 1)
            assert isinstance(update.callback_query, CallbackQuery)
            assert update.callback_query.data == "y"
            await update.callback_query.answer("Baik", show_alert=True)
            assert telegram.callback_answers[query["id"]]["text"] == "Baik"
            edited = await update.callback_query.edit_message_text("Terima kasih")
            assert edited.edit_date
            assert budi.said == ["Terima kasih"]
            assert telegram.buttons(budi.last) == []
            with pytest.raises(AssertionError, match="no button"):
                budi.presses("Yes")
            assert [call.method for call in telegram.calls if call.method.startswith("edit")] == ["editMessageText"]

    run(work)


@TRANSPORTS
def test_an_application_polls(transport: Any) -> None:
    """An Application runs on the fake from start to stop."""

    async def echo(update: Update, _: Any) -> None:
        assert update.effective_message
        await update.effective_message.reply_text(f"{update.effective_message.text}!")

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with transport(telegram) as bot:
            app = ApplicationBuilder().bot(bot).job_queue(None).build()
            app.add_handler(MessageHandler(filters.TEXT, echo))
            async with app:
                assert app.updater
                await app.updater.start_polling(allowed_updates=["message"])
                await app.start()
                for text in ("satu", "dua"):
                    budi.sends(text)
                    await telegram.until(lambda text=text: budi.said and budi.said[-1] == f"{text}!")
                await app.updater.stop()
                await app.stop()
        assert telegram.updates.waiting == []
        assert not [call for call in telegram.calls if call.error]

    run(work)


@TRANSPORTS
def test_refusals_in_telegrams_words(transport: Any) -> None:
    """What the bot does wrong is refused as Telegram refuses it."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi, ani = telegram.user("Budi"), telegram.user("Ani")
        budi.starts()
        async with transport(telegram) as bot:
            sent = await bot.send_message(budi.id, "Halo")

            async def refused(error: type[Exception], match: str, call: Coroutine[Any, Any, Any]) -> None:
                with pytest.raises(error, match=f"(?i){match}"):
                    await call

            say, edit = bot.send_message, bot.edit_message_text
            await refused(BadRequest, "chat not found", say(5, "x"))
            await refused(Forbidden, "bot can't initiate conversation with a user", say(ani.id, "x"))
            await refused(BadRequest, "message text is empty", say(budi.id, "<b> </b>\n", parse_mode="HTML"))
            await refused(BadRequest, "message is too long", say(budi.id, "😀" * 2049))
            await refused(BadRequest, "can't parse entities: Can't find end tag", say(budi.id, "<b>x", "HTML"))
            await refused(BadRequest, "unsupported parse_mode", say(budi.id, "x", "MarkdownV2"))
            await refused(BadRequest, "message is not modified: spec", edit("Halo", budi.id, sent.message_id))
            await refused(BadRequest, "message to edit not found", edit("x", budi.id, 99))
            await refused(BadRequest, "message can't be edited", edit("x", budi.id, 1))
            await refused(BadRequest, "message to delete not found", bot.delete_message(budi.id, 99))
            await refused(BadRequest, "query is too old", bot.answer_callback_query("1"))
            await refused(BadRequest, "message thread not found", say(budi.id, "x", message_thread_id=5))
            gone = ReplyParameters(99)
            await refused(BadRequest, "message to be replied not found", say(budi.id, "x", reply_parameters=gone))
            await say(budi.id, "x", reply_parameters=ReplyParameters(99, allow_sending_without_reply=True))
            wrong = InlineKeyboardMarkup.from_button(InlineKeyboardButton("x", callback_data="é" * 33))
            await refused(BadRequest, "BUTTON_DATA_INVALID", say(budi.id, "x", reply_markup=wrong))
            none = InlineKeyboardMarkup.from_button(InlineKeyboardButton("x"))
            await refused(BadRequest, "exactly one action", say(budi.id, "x", reply_markup=none))
            await refused(BadRequest, "unknown parameter", say(budi.id, "x", api_kwargs={"disable_preview": True}))
            budi.blocks()
            await refused(Forbidden, "bot was blocked by the user", say(budi.id, "x"))
            budi.starts()
            await bot.delete_message(budi.id, sent.message_id)
            assert budi.said == ["x"]
            assert kinds(await bot.get_updates()) == ["message", "my_chat_member", "my_chat_member", "message"]

    run(work)


def test_types_are_checked() -> None:
    """Values of the wrong type, and methods that don't exist, are refused."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        for wrong in ({"chat_id": str(budi.id)}, {"chat_id": True}, {"disable_notification": 1}, {"text": 5}):
            status, told = await telegram.handle("SENDMESSAGE", {"chat_id": budi.id, "text": "x", **wrong})
            assert (status, told["ok"]) == (400, False)
            assert "must be of type" in told["description"]
        assert await telegram.handle("sendMoney", {}) == (
            404,
            {"ok": False, "error_code": 404, "description": "Not Found"},
        )
        assert not telegram.called("sendMessage")[0].ok
        assert budi.said == []

    run(work)


def test_long_polling() -> None:
    """A poll waits for an update, ends with 409 when another begins, and confirms by its offset."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with in_process(telegram) as bot:
            first = asyncio.create_task(bot.get_updates(timeout=5))
            await asyncio.sleep(0.01)
            second = asyncio.create_task(bot.get_updates(timeout=5, allowed_updates=["message"]))
            with pytest.raises(Conflict, match="terminated by other getUpdates request"):
                await first
            start = time.monotonic()
            asyncio.get_running_loop().call_later(0.05, budi.sends, "satu")
            (update,) = await second
            assert time.monotonic() - start < 1
            assert update.message.text == "satu"
            assert len(await bot.get_updates()) == 1
            budi.edits(update.message.to_dict(), "dua")
            assert await bot.get_updates(offset=update.update_id + 1) == ()
            telegram.redeliver(update.update_id)
            number = telegram.raw({"brand_new": {"x": 1}})
            assert [one.update_id for one in await bot.get_updates(update.update_id + 1)] == [update.update_id, number]
            await bot.set_webhook("https://example.org/hook", secret_token="s")
            with pytest.raises(Conflict, match="webhook is active"):
                await bot.get_updates()
            assert (await bot.get_webhook_info()).pending_update_count == 1
            await bot.delete_webhook(drop_pending_updates=True)
            start = time.monotonic()
            assert await bot.get_updates(timeout=1) == ()
            assert time.monotonic() - start > 0.9

    run(work)


def test_groups_topics_and_migration() -> None:
    """Replies stay in their topic; a group that became a supergroup tells its new id."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Kota", supergroup=False)
        forum = telegram.group("Forum", forum=True)
        async with in_process(telegram) as bot:
            topic = forum.topic("Umum")
            budi.sends("@tanya100_bot halo", to=forum, topic=topic)
            update = (await bot.get_updates())[-1]
            assert update.message.entities[0].type == "mention"
            sent = await update.message.reply_text("hai", do_quote=True)
            assert sent.is_topic_message
            assert sent.message_thread_id == topic
            old = group.id
            await bot.send_message(old, "x")
            new = group.migrate()
            with pytest.raises(ChatMigrated) as caught:
                await bot.send_message(old, "y")
            assert caught.value.new_chat_id == new == group.id
            told = [one.message for one in await bot.get_updates()][-2:]
            assert [one.migrate_to_chat_id for one in told] == [new, None]
            await bot.send_message(new, "y")
            assert (telegram.said(old), group.said) == (["x"], ["y"])
            group.removes_bot()
            with pytest.raises(Forbidden, match="kicked from the supergroup"):
                await bot.send_message(new, "z")

    run(work)


def test_ids_of_private_chats_grow_together_where_asked_for_and_else_in_each() -> None:
    for one_sequence, expected in ((False, [[1, 2], [1], [1]]), (True, [[1, 3], [2], [1]])):
        telegram = FakeTelegram(one_sequence=one_sequence)
        budi, kate, group = telegram.user("Budi"), telegram.user("Kate"), telegram.group("Warga")
        for person, place in ((budi, None), (kate, None), (budi, None), (kate, group)):
            person.sends("hello", to=place)
        assert [[m["message_id"] for m in telegram.messages(place)] for place in (budi, kate, group)] == expected


def test_privacy_mode_and_old_messages() -> None:
    """In privacy mode a group's talk stays unseen; after 48 hours messages can't be deleted."""

    async def work() -> None:
        telegram = FakeTelegram(privacy=True)
        budi, group = telegram.user("Budi"), telegram.group("Kota")
        async with in_process(telegram) as bot:
            for text in ("halo semua", "/kota", "/kota@other_bot", "@tanya100_bot halo"):
                budi.sends(text, to=group)
            sent = await bot.send_message(group.id, "hai")
            budi.sends("baik", to=group, reply_to=sent.to_dict())
            updates = await bot.get_updates()
            assert [update.message.text for update in updates] == ["/kota", "@tanya100_bot halo", "baik"]
            with pytest.raises(BadRequest, match=r"(?i)message can't be deleted"):
                await bot.delete_message(group.id, updates[0].message.message_id)
            telegram.clock = lambda: time.time() + 49 * 3600
            with pytest.raises(BadRequest, match=r"(?i)can't be deleted for everyone"):
                await bot.delete_message(group.id, sent.message_id)

    run(work)


def article(number: str, text: str = "<b>isi</b>") -> InlineQueryResultArticle:
    """An inline result."""
    return InlineQueryResultArticle(number, "Judul", InputTextMessageContent(text, "HTML"), reply_markup=KEYBOARD)


@TRANSPORTS
def test_inline_and_guest_queries(transport: Any) -> None:
    """Inline and guest queries are answered once; what was sent from them can be edited."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with transport(telegram) as bot:
            number = budi.types_inline("kota")
            (update,) = await bot.get_updates()
            button = InlineQueryResultsButton("Mulai", start_parameter="inline")
            await update.inline_query.answer([article("1"), article("2")], button=button, next_offset="2")
            assert telegram.inline_answers[number]["next_offset"] == "2"
            with pytest.raises(BadRequest, match=r"(?i)query is too old"):
                await update.inline_query.answer([])
            sent = budi.chooses("2")
            budi.presses("No", message=sent)
            chosen, pressed = (await bot.get_updates(update.update_id + 1))[-2:]
            assert chosen.chosen_inline_result.inline_message_id == pressed.callback_query.inline_message_id
            assert await pressed.callback_query.edit_message_text("baru") is True
            assert telegram.inline_messages[sent["inline_message_id"]]["text"] == "baru"
            for wrong, match in (
                ([article("1"), article("1")], "RESULT_ID_DUPLICATE"),
                ([article("1", "<b>")], "can't parse entities"),
                ([article("x" * 65)], "RESULT_ID_INVALID"),
                ([article(str(one)) for one in range(51)], "RESULTS_TOO_MUCH"),
            ):
                with pytest.raises(BadRequest, match=f"(?i){match}"):
                    await bot._post("answerInlineQuery", {"inline_query_id": budi.types_inline("x"), "results": wrong})
            asked = budi.mentions_as_guest("berapa kota?")
            guest = (await bot.get_updates())[-1].guest_message
            assert guest.guest_query_id == asked["guest_query_id"]
            with pytest.raises(Forbidden, match="not a member"):
                await bot.send_message(asked["chat"]["id"], "x")
            told = await bot.answer_guest_query(guest.guest_query_id, article("1"))
            await bot.edit_message_text("seratus", inline_message_id=told.inline_message_id)
            assert telegram.said(asked["chat"]["id"]) == ["seratus"]
            query = telegram.last(asked["chat"]["id"])
            assert query["guest_bot_caller_user"]["id"] == budi.id

    run(work)


@TRANSPORTS
def test_files_reactions_and_profile(transport: Any) -> None:
    """Files go both ways; commands, descriptions and reactions are kept."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        async with transport(telegram) as bot:
            seen = [budi.sends_photo("foto"), budi.sends_voice(), budi.sends_sticker(), budi.sends_location()]
            budi.sends_document("a.csv", b"a,b")
            updates = await bot.get_updates()
            assert len(updates) == len(seen) + 1
            file = await updates[-1].message.document.get_file()
            assert bytes(await file.download_as_bytearray()) == b"a,b"
            sent = await bot.send_document(budi.id, b"isi", filename="isi.txt", caption="<b>ini</b>", parse_mode="HTML")
            assert (sent.document.file_name, sent.caption) == ("isi.txt", "ini")
            assert (await bot.send_photo(budi.id, b"png", caption="ini")).photo[0].file_size == 3
            with pytest.raises(BadRequest, match=r"(?i)no text in the message"):
                await bot.edit_message_text("x", budi.id, sent.message_id)
            await bot.send_chat_action(budi.id, "typing")
            await bot.set_message_reaction(budi.id, seen[0]["message_id"], "👍")
            assert telegram.reactions == {(budi.id, seen[0]["message_id"]): ["👍"]}
            scope = BotCommandScopeAllGroupChats()
            await bot.set_my_commands([("kota", "Cari kota")], scope=scope, language_code="id")
            assert await bot.get_my_commands(scope, "id") == (BotCommand("kota", "Cari kota"),)
            assert await bot.get_my_commands() == ()
            with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
                await bot.set_my_commands([("Kota", "Cari")])
            await bot.set_my_description("Tanya", "id")
            await bot.set_my_short_description("Singkat")
            assert (await bot.get_my_description("id")).description == "Tanya"
            assert (await bot.get_my_short_description()).short_description == "Singkat"
            with pytest.raises(BadRequest, match="too long"):
                await bot.set_my_short_description("x" * 121)
            assert (await bot.get_chat(budi.id)).first_name == "Budi"

    run(work)


@TRANSPORTS
def test_faults(transport: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planned faults come once each, with or without the effect of the call."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with contextlib.AsyncExitStack() as stack:
            short = over_http(telegram, read_timeout=0.2) if transport is over_http else transport(telegram)
            bot = await stack.enter_async_context(short)
            monkeypatch.setenv("PTB_TIMEDELTA", "1")
            for fault, error, effect in (
                (TooManyRequests(3), RetryAfter, False),
                (ServerError(), NetworkError, False),
                (ServerError(502), NetworkError, False),
                (Refused(403, "Forbidden: user is deactivated"), Forbidden, False),
                (Timeout(accepted=False), TimedOut, False),
                (Timeout(accepted=True), TimedOut, True),
                (Cut(accepted=False), NetworkError, False),
                (Cut(accepted=True), NetworkError, True),
            ):
                telegram.faults.add("sendMessage", fault)
                before = len(budi.said)
                with pytest.raises(error) as caught:
                    await bot.send_message(budi.id, str(fault))
                assert isinstance(caught.value, TimedOut) == isinstance(fault, Timeout)
                assert len(budi.said) - before == int(effect)
            await bot.send_message(budi.id, "x")
            assert telegram.faults.left == 0

    run(work)


def test_random_faults_are_the_same_for_a_seed() -> None:
    """A seed decides which calls fail."""

    async def outcome() -> list[int]:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        telegram.faults.at_random(7, 0.3, [TooManyRequests(1), ServerError()], ["sendMessage"])
        says = [await telegram.handle("sendMessage", {"chat_id": budi.id, "text": "x"}) for _ in range(100)]
        assert (await telegram.handle("getMe", {}))[0] == 200
        return [status for status, _ in says]

    once = asyncio.run(outcome())
    assert asyncio.run(outcome()) == once
    assert 15 <= len(once) - once.count(200) <= 45
    assert set(once) == {200, 429, 500}


def test_wrong_token_and_json_body() -> None:
    """Over HTTP a wrong token is 401; JSON bodies are read too."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with serve(telegram) as url:
            with pytest.raises(InvalidToken):
                async with Bot("42:WRONG", base_url=f"{url}/bot"):
                    pass
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
            body = json.dumps({"chat_id": budi.id, "text": "x", "reply_markup": KEYBOARD.to_dict()}).encode()
            head = "POST /bot42:TEST/sendMessage HTTP/1.0\r\nContent-Type: application/json\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert b'"ok": true' in await reader.read()
            writer.close()
            assert telegram.buttons(budi.last)[0][1] == "No"

    run(work)


def test_webhook_delivery() -> None:
    """Updates go to the webhook in order, with the secret, and again until the answer is 2xx."""
    seen: list[tuple[str | None, str, int]] = []

    class Hook(RequestHandler):
        """Refuses every second request."""

        def post(self) -> None:
            """Keep what came."""
            status = 500 if len(seen) % 2 == 0 else 200
            update = Update.de_json(json.loads(self.request.body))
            text = update.message.text if update.message else ""
            seen.append((self.request.headers.get("X-Telegram-Bot-Api-Secret-Token"), text or "", status))
            self.set_status(status)

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        hook = HTTPServer(Application([("/hook", Hook)], log_function=lambda _: None))
        sockets = bind_sockets(0, "127.0.0.1")
        hook.add_sockets(sockets)
        async with over_http(telegram) as bot:
            budi.sends("satu")
            budi.sends("dua")
            port = sockets[0].getsockname()[1]
            await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="rahasia", allowed_updates=["message"])
            await telegram.until(lambda: not telegram.updates.waiting)
            assert seen == [("rahasia", text, status) for text in ("satu", "dua") for status in (500, 200)]
            assert "500" in (await bot.get_webhook_info()).last_error_message
        hook.stop()
        await hook.close_all_connections()

    run(work)


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("a &lt;b&gt; &#65;&#x1F600;&quot;", 'a <b> A😀"', []),
        ("😀<b>x<i>y</i></b>", "😀xy", [("bold", 2, 2), ("italic", 3, 1)]),
        ("<b> \n</b>x", " \nx", []),
        ('<a href="https://a.b/?x=1&amp;y=2">l</a>', "l", [("text_link", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<del>a</del><tg-spoiler>b</tg-spoiler>", "ab", [("strikethrough", 0, 1), ("spoiler", 1, 1)]),
    ],
)
def test_markup(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    """Telegram HTML becomes text and entities with UTF-16 offsets."""
    plain, found = parse(html)
    assert plain == text
    assert [(one["type"], one["offset"], one["length"]) for one in found] == entities
    assert utf16_length("a😀") == 3


@pytest.mark.parametrize(
    "html",
    [
        "<b>x", "x</b>", "<b><i>x</b></i>", "<div>x</div>", "a < b", "a & b", "a > b", "&nbsp;", "<br>", "<b class='x'>x</b>",
        "<a>x</a>", '<a href="x">y</a>', "<code><b>x</b></code>", "<b", "&#0;", "<!-- x -->", "</>",
        "<blockquote><blockquote>x</blockquote></blockquote>", '<a href="https://a.b?x=1&y=2">l</a>',
    ],
)  # fmt: skip
def test_wrong_markup(html: str) -> None:
    """What Telegram HTML doesn't have, and what isn't escaped or closed, is refused."""
    with pytest.raises(ValueError, match=r"tag|character|attribute|Link|Class|nested"):
        parse(html)


def test_an_upload_stays_what_it_is() -> None:
    """The core takes files as ``Upload``, whatever the transport."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        call = {"chat_id": budi.id, "document": Upload("a.txt", b"a")}
        status, told = await telegram.handle("sendDocument", call)
        assert status == 200
        file_id = told["result"]["document"]["file_id"]
        assert telegram.files.content[file_id] == b"a"
        assert (await telegram.handle("sendDocument", {**call, "document": "nothing"}))[0] == 400

    run(work)


def test_a_file_that_somebody_sent_is_sent_on_as_what_it_is() -> None:
    """By its file_id; a photo is no document."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        file_id = budi.sends_document("surat.pdf", b"%PDF")["document"]["file_id"]
        photo = budi.sends_photo(content=b"jpg", album="a")
        assert photo["media_group_id"] == "a"
        photo_id = photo["photo"][0]["file_id"]
        status, told = await telegram.handle("sendDocument", {"chat_id": budi.id, "document": file_id})
        assert (status, told["result"]["document"]["file_size"]) == (200, 4)
        status, told = await telegram.handle("sendPhoto", {"chat_id": budi.id, "photo": photo_id})
        assert (status, told["result"]["photo"][0]["file_size"]) == (200, 3)
        for method, wrong in (("sendPhoto", file_id), ("sendDocument", photo_id)):
            status, told = await telegram.handle(method, {"chat_id": budi.id, method[4:].lower(): wrong})
            assert status == 400
            assert "can't use file of type" in told["description"]

    run(work)


# ------------------------------------------------------------------------------- what the local page needs beside the tests


def test_whoever_looks_on_is_told_what_happens() -> None:
    """Messages, edits, deletions, reactions, typing and the profile, in the order they happen."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        seen: list[tuple[str, Any]] = []
        telegram.watchers.append(lambda event: seen.append((event.kind, event.content.get("text"))))
        async with in_process(telegram) as bot:
            asked = budi.sends("halo")
            await bot.send_chat_action(budi.id, "typing")
            sent = await bot.send_message(budi.id, "hai")
            await bot.edit_message_text("hai!", budi.id, sent.message_id)
            await bot.set_message_reaction(budi.id, asked["message_id"], "👍")
            await bot.delete_message(budi.id, sent.message_id)
            await bot.set_my_commands([("kota", "Cari")])
            budi.edits(asked, "halo!")
        assert [one for one in seen if one[0] != "state"] == [
            ("message", "halo"),
            ("action", None),
            ("message", "hai"),
            ("message", "hai!"),
            ("reaction", None),
            ("deleted", None),
            ("profile", None),
            ("message", "halo!"),
        ]

    run(work)


def test_all_of_it_can_be_kept_and_put_back() -> None:
    """What was kept as JSON goes on in a new fake: messages, files, menus, numbers, and updates nobody has fetched."""

    async def work() -> None:
        before = FakeTelegram()
        budi, group = before.user("Budi", id=7), before.group("Kota")
        kept: list[Any] = []
        before.watchers.append(lambda event: kept.append(event.content) if event.kind == "message" else None)
        async with in_process(before) as bot:
            budi.sends_document("a.csv", b"a,b")
            await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)
            await bot.send_message(budi.id, "apa?", reply_markup=ForceReply(selective=True))
            await bot.set_my_commands([("kota", "Cari")], language_code="id")
            await bot.set_my_description("Tanya", "id")
            budi.types_inline("kota")
            (update,) = await bot.get_updates()
            await update.inline_query.answer([article("1")])
            sent = budi.chooses("1", to=group)
            budi.sends("belum diambil")
        state = json.loads(json.dumps(memory.state(before)))
        messages = json.loads(json.dumps([m for chat in before.chats.values() for m in chat.messages.values()]))
        files = [(name, before.files.paths[name], content) for name, content in before.files.content.items()]
        after = FakeTelegram()
        again, there = after.user("Budi", id=7), after.group("Kota")
        memory.restore(after, state, messages, files)
        assert memory.state(after) == memory.state(before)
        assert (again.messages, there.messages) == (budi.messages, group.messages)
        async with in_process(after) as bot:
            waiting = await bot.get_updates()
            assert [one.message.text for one in waiting if one.message][-1] == "belum diambil"
            pressed = again.presses("No", message=sent)
            assert pressed["inline_message_id"] == sent["inline_message_id"]
            assert (await bot.send_message(again.id, "x")).message_id == budi.messages[-1]["message_id"] + 1
            file = await bot.get_file(budi.messages[0]["document"]["file_id"])
            assert bytes(await file.download_as_bytearray()) == b"a,b"

    run(work)


def test_what_is_chosen_inline_stands_in_its_chat() -> None:
    """The bot gets a message "via" itself, without the id that only the choice tells; it can edit it by that."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi, group = telegram.user("Budi"), telegram.group("Kota")
        async with in_process(telegram) as bot:
            budi.types_inline("kota")
            (update,) = await bot.get_updates()
            await update.inline_query.answer([article("1")])
            sent = budi.chooses("1", to=group)
            message, chosen = (await bot.get_updates(update.update_id + 1))[-2:]
            assert message.message.via_bot.id == bot.id
            assert message.message.api_kwargs == {}
            number = chosen.chosen_inline_result.inline_message_id
            await bot.edit_message_text("baru", inline_message_id=number)
            assert [m["text"] for m in group.messages] == ["baru"]
            assert sent["message_id"] == message.message.message_id

    run(work)


def test_the_menu_of_the_narrowest_scope_is_shown() -> None:
    """As in https://core.telegram.org/bots/api#determining-list-of-commands."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi, sari, group = telegram.user("Budi"), telegram.user("Sari"), telegram.group("Kota")

        def menu(place: Any, person: Any, language: str) -> list[str]:
            return [one["command"] for one in telegram.menu(place, person, language)]

        async with in_process(telegram) as bot:
            assert menu(budi, budi, "id") == []
            await bot.set_my_commands([("semua", "x")])
            await bot.set_my_commands([("pribadi", "x")], BotCommandScopeAllPrivateChats())
            await bot.set_my_commands([("private", "x")], BotCommandScopeAllPrivateChats(), "en")
            await bot.set_my_commands([("admin", "x")], BotCommandScopeChat(sari.id))
            await bot.set_my_commands([("anggota", "x")], BotCommandScopeChatMember(group.id, sari.id))
        assert [menu(budi, budi, code) for code in ("id", "en")] == [["pribadi"], ["private"]]
        assert menu(sari, sari, "en") == ["admin"]
        assert (menu(group, budi, "id"), menu(group, sari, "id")) == (["semua"], ["anggota"])

    run(work)


def test_only_so_much_is_remembered() -> None:
    """A fake that runs for weeks forgets old calls, queries and files, the oldest first."""

    async def work() -> None:
        telegram = FakeTelegram(remembers=3, file_bytes=10)
        budi = telegram.user("Budi")
        async with in_process(telegram) as bot:
            sent = [budi.sends_document(f"{n}.txt", b"1234") for n in range(5)]
            for _ in range(5):
                await bot.get_me()
            with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
                await bot.get_file(sent[0]["document"]["file_id"])
            await bot.get_file(sent[-1]["document"]["file_id"])
            queries = [budi.types_inline("x") for _ in range(5)]
            with pytest.raises(BadRequest, match=r"(?i)query is too old"):
                await bot.answer_inline_query(queries[0], [])
            await bot.answer_inline_query(queries[-1], [])
        assert len(telegram.calls) == len(telegram.queries) == 3
        assert len(telegram.files.content) == len(telegram.files.paths) == 2

    run(work)


def test_links_and_commands_are_found_in_what_the_bot_says() -> None:
    """But not inside links and code, where they are something else."""

    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        budi.starts()
        async with in_process(telegram) as bot:
            html = '/bantuan @tanya100_bot <b>https://a.id/x.</b> <code>/x</code> <a href="https://b.id">@y_bot_</a>'
            sent = await bot.send_message(budi.id, html, "HTML")
        found = [(one.type, sent.parse_entity(one)) for one in sent.entities]
        assert found == [
            ("bot_command", "/bantuan"),
            ("mention", "@tanya100_bot"),
            ("bold", "https://a.id/x."),
            ("url", "https://a.id/x"),
            ("code", "/x"),
            ("text_link", "@y_bot_"),
        ]

    run(work)


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda budi, other: budi.sends(" "), "1 to 4096"),
        (lambda budi, other: budi.sends("x" * 4097), "1 to 4096"),
        (lambda budi, other: budi.starts("a b"), "payload"),
        (lambda budi, other: budi.edits(other, "x"), "of their own"),
        (lambda budi, other: budi.edits(budi.sends_voice(), "x"), "of their own"),
        (lambda budi, other: budi.chooses("1"), "no inline query"),
        (lambda budi, other: budi.sends("x", reply_to={**other, "message_id": 99}), "is deleted"),
        (lambda budi, other: (budi.blocks(), budi.sends("x")), "has blocked"),
    ],
)
def test_what_no_app_lets_a_person_do_is_refused(act: Callable[[Any, Any], Any], why: str) -> None:
    telegram = FakeTelegram()
    budi = telegram.user("Budi")
    budi.starts()
    other = budi.room.add(telegram.bot_user(), 0, {"text": "hai"})
    with pytest.raises(Impossible, match=why):
        act(budi, other)


def test_a_file_larger_than_bots_may_fetch_is_refused() -> None:
    async def work() -> None:
        telegram = FakeTelegram()
        budi = telegram.user("Budi")
        large = budi.sends_document("a.bin", bytes(MAX_DOWNLOAD + 1))
        async with in_process(telegram) as bot:
            with pytest.raises(BadRequest, match=r"(?i)file is too big"):
                await bot.get_file(large["document"]["file_id"])

    run(work)
