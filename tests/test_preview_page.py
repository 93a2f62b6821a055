"""The chat page in a real browser: what people do there works, and nothing that anybody writes can run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Tab, browser, needs_browser
from previewing import Beside
from selenium.webdriver.common.keys import Keys

import knowledge
from handlers.fake_telegram import Upload
from handlers.preview.stage import ADMIN, CITIZEN, OFFICER, Stage
from knowledge import Engine

needs_browser()

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0f01f00050001ff5cd2"
    "e1260000000049454e44ae426082"
)
"""A picture of one pixel."""
EVIL = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browser(tmp_path_factory.mktemp("profile")) as driven:
        yield driven


@pytest.fixture
def page(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beside]:
    monkeypatch.setattr(knowledge, "open_engine", lambda _: engine)
    beside = Beside(tmp_path)
    beside.start()
    yield beside
    beside.stop()


@pytest.fixture
def tab(page: Beside, driver: Any) -> Iterator[Tab]:
    """The page as the citizen, opened for the first time."""
    tab = Tab(driver, page.address)
    tab.open()
    driver.execute_script("localStorage.clear(); sessionStorage.clear()")
    tab.open()
    yield tab
    assert [error for error in tab.errors() if "WebSocket" not in error and "Failed to load" not in error] == []


def delayed(tab: Tab, *, fail: bool) -> None:
    """Uploads take a while; or (``fail``) everything does, and then the server is not there."""
    late = "refuse(new TypeError())" if fail else "done(real(path, given))"
    wait = "900" if fail else "path.startsWith('/upload') ? 900 : 0"
    tab.driver.execute_script(
        "const real = window.fetch; window.fetch = (path, given) => new Promise((done, refuse) => "
        f"setTimeout(() => {late}, {wait}))"
    )


def value(tab: Tab) -> str:
    """What stands in the text field."""
    return str(tab.one("#text").get_attribute("value"))


def edit_own(tab: Tab) -> None:
    """Edit the first message of one's own."""
    tab.driver.execute_script("document.querySelectorAll('.mine .actions button')[1].click()")


def attach(tab: Tab, folder: Path) -> None:
    """Attach a small file."""
    file = folder / "a.csv"
    file.write_text("a", encoding="utf-8")
    tab.one("#file").send_keys(str(file))


def test_an_empty_chat_invites_in_both_languages(tab: Tab) -> None:
    assert [button.text for button in tab.all(".tries[lang=id] button")] != []
    assert len(tab.all(".tries[lang=id] button")) == len(tab.all(".tries[lang=en] button")) == 3
    assert "Tanyakan Gerakan Menuju 100 Smart City" in tab.one(".empty").text
    tab.click(tab.all(".tries[lang=en] button")[0])
    assert tab.said == [] or tab.said[0] == "Is Klaten a participant?"
    assert tab.says("Klaten Regency").startswith("Yes, Klaten Regency (Central Java)")
    assert tab.all(".message strong")[0].text == "Klaten Regency"
    assert tab.all(".empty") == []


def test_a_question_back_is_answered_by_a_button_in_place(tab: Tab) -> None:
    tab.write("Karang Tengah ikut?")
    tab.says("Karang Tengah")
    before = len(tab.said)
    assert len(tab.all(".key")) > 1
    tab.press("Karangtengah, Kabupaten Demak")
    tab.says("Kabupaten Demak (Jawa Tengah)")
    assert len(tab.said) == before
    assert "diedit" in tab.all(".stamp")[-1].text


def test_sources_fold_and_unfold(tab: Tab) -> None:
    tab.write("apakah Klaten peserta?")
    tab.press("Sumber")
    quote = tab.until(lambda: tab.one("blockquote.expandable"))
    low, unfold = quote.size["height"], tab.one(".unfold")
    assert unfold.get_attribute("aria-expanded") == "false"
    tab.click(unfold)
    assert quote.size["height"] > low
    assert unfold.get_attribute("aria-expanded") == "true"
    links = tab.all("blockquote a")
    assert {link.get_attribute("rel") for link in links} == {"noopener noreferrer"}
    assert all(link.get_attribute("href").startswith(("https://", "http://")) for link in links)


def test_the_language_of_the_app_is_switched(tab: Tab) -> None:
    assert tab.one("#text").get_attribute("placeholder") == "Tulis pesan…"
    tab.click(tab.one("[data-language=en]"))
    assert tab.one("#text").get_attribute("placeholder") == "Write a message…"
    assert tab.driver.execute_script("return document.documentElement.lang") == "en"
    tab.write("/", send=False)
    assert "/browse" in tab.until(lambda: tab.one("#popup").text)
    tab.write(Keys.BACKSPACE + "/help")
    tab.says("Hello!")
    tab.driver.refresh()
    tab.says("Hello!")
    assert tab.one("#text").get_attribute("placeholder") == "Write a message…"


def test_a_link_is_shared_to_the_group_and_leads_back(tab: Tab, page: Beside) -> None:
    tab.write("apakah Klaten peserta?")
    tab.press("Bagikan")
    tab.click(tab.until(lambda: tab.one("#choose[open] .entry")))
    assert tab.one("#chat-title").text == page.do(lambda s: s.stage.group.chat["title"])
    tab.until(lambda: "Kabupaten Klaten" in tab.one("#popup").text)
    tab.one("#text").send_keys(Keys.ENTER)
    tab.says("Kabupaten Klaten (Jawa Tengah)")
    assert tab.one(".speaker .via").text == "lewat @tanya100_preview_bot"
    tab.press("Tanya")
    assert tab.until(lambda: tab.one("#begin").is_displayed() and "?start=r_33_10" in tab.driver.current_url)
    assert not tab.one("#composer").is_displayed()
    tab.click(tab.one("#begin"))
    tab.says("Kabupaten Klaten (Jawa Tengah)")
    assert "start=" not in tab.driver.current_url


def test_a_deep_link_in_the_address_waits_for_start(tab: Tab) -> None:
    tab.open("?start=r_33_10")
    assert tab.said == []
    tab.click(tab.one("#begin"))
    tab.until(lambda: tab.said[:1] == ["/start r_33_10"])
    tab.says("Kabupaten Klaten (Jawa Tengah)")


def test_a_document_is_sent_and_can_be_fetched_by_the_bot(tab: Tab, page: Beside, tmp_path: Path) -> None:
    file = tmp_path / "surat klaten.csv"
    file.write_text("a;b\n", encoding="utf-8")
    tab.one("#file").send_keys(str(file))
    assert "surat klaten.csv" in tab.one("#bar").text
    tab.write("ini suratnya")
    tab.until(lambda: tab.all(".mine .document"))
    assert tab.one(".mine .document b").text == "surat klaten.csv"
    (message,) = page.do(lambda s: [m for m in s.stage.people[CITIZEN.id].messages if "document" in m])
    assert message["caption"] == "ini suratnya"

    async def fetched(shown: Any) -> bytes:
        found = await shown.bot.bot.application.bot.get_file(message["document"]["file_id"])
        return bytes(await found.download_as_bytearray())

    assert page.do(fetched) == b"a;b\n"


def test_a_file_too_large_or_empty_is_refused_before_it_is_sent(tab: Tab, tmp_path: Path) -> None:
    for size, told in ((21 * 1024 * 1024, "Berkas paling besar"), (0, "kosong")):
        file = tmp_path / f"{size}.xlsx"
        file.write_bytes(b"x" * size)
        tab.one("#file").send_keys(str(file))
        tab.until(lambda told=told: told in tab.one("#problem").text)
        assert not tab.one("#bar").is_displayed()
    assert tab.said == []


def test_a_reload_and_a_restart_keep_the_conversation_and_its_buttons(tab: Tab, page: Beside) -> None:
    tab.write("apakah Klaten peserta?")
    tab.key("Sumber")
    before = tab.said
    tab.driver.refresh()
    tab.until(lambda: tab.said == before)
    page.stop()
    tab.until(lambda: tab.one("#offline").is_displayed())
    page.start()
    tab.until(lambda: not tab.one("#offline").is_displayed())
    assert tab.said == before
    tab.press("Sumber")
    tab.until(lambda: tab.all("blockquote.expandable"))


def test_two_tabs_show_the_same_and_people_see_only_their_own(tab: Tab, page: Beside) -> None:
    first = tab.driver.current_window_handle
    tab.driver.switch_to.new_window("tab")
    tab.open(f"#{CITIZEN.id}")
    tab.write("apakah Solo peserta?")
    tab.says("Surakarta")
    tab.click(tab.all("#people .entry")[1])
    assert tab.said == []
    assert f"#{OFFICER.id}" in tab.driver.current_url
    tab.driver.close()
    tab.driver.switch_to.window(first)
    tab.says("Surakarta")


def test_the_admin_is_told_of_a_report(tab: Tab) -> None:
    tab.write("apakah Klaten peserta?")
    tab.press("Ada yang salah")
    tab.press("Sudah usang")
    tab.says("Terima kasih")
    admin = tab.all("#people .entry")[2]
    tab.until(tab.all("#people .badge")[2].is_displayed)
    tab.click(admin)
    assert "Sudah usang" in tab.says("Laporan no. 1")
    assert f"#{ADMIN.id}" in tab.driver.current_url


def test_everything_is_reached_and_done_by_keyboard(tab: Tab) -> None:
    tab.one("#text").click()
    seen = []
    for _ in range(40):
        tab.type(Keys.SHIFT + Keys.TAB)
        seen.append(tab.active.get_attribute("id") or tab.active.text.split("\n")[0])
        if len(seen) > 5 and seen[-1] == "B":
            break
    assert {"log", "theme"} <= set(seen)
    tab.type(Keys.TAB)  # from Budi to Ratna
    assert "Ratna" in tab.active.text
    tab.type(Keys.ENTER)
    tab.until(lambda: f"#{OFFICER.id}" in tab.driver.current_url)
    tab.write("apakah Klaten peserta?")
    tab.key("Sumber")
    for _ in range(12):
        tab.type(Keys.SHIFT + Keys.TAB)
        if tab.active.text.startswith("Sumber"):
            break
    tab.type(Keys.ENTER)
    tab.until(lambda: "unfold" in tab.active.get_attribute("class"))
    tab.type(Keys.SPACE)
    assert tab.active.get_attribute("aria-expanded") == "true"
    tab.driver.back()
    tab.until(lambda: f"#{CITIZEN.id}" in tab.driver.current_url)
    assert tab.said == []


def test_news_elsewhere_do_not_take_the_focus(tab: Tab, page: Beside) -> None:
    tab.driver.execute_script("document.querySelectorAll('#people .entry')[1].focus()")
    page.do(lambda s: s.stage.people[OFFICER.id].sends("halo", to=s.stage.group))
    tab.until(tab.all("#chats .badge")[1].is_displayed)
    assert "Ratna" in tab.active.text


def test_the_drawer_of_a_phone_keeps_the_focus_and_gives_it_back(tab: Tab) -> None:
    phone = {"width": 390, "height": 760, "deviceScaleFactor": 1, "mobile": True}
    tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        for opener in ("#open-side", "#me"):
            tab.one(opener).send_keys(Keys.ENTER)
            tab.until(lambda: tab.active.get_attribute("id") == "close-side")
            stops = set()
            for _ in range(12):
                tab.type(Keys.TAB)
                stops.add(
                    tab.driver.execute_script("return document.activeElement.closest('#side, body').id || 'body'")
                )
            assert stops <= {"side", "body"}  # the page itself cannot be reached; the browser's own frame can
            assert tab.driver.execute_script("return document.querySelector('main').inert")
            tab.driver.execute_script("document.querySelector('#close-side').focus()")
            tab.type(Keys.ESCAPE)
            tab.until(lambda opener=opener: tab.active.get_attribute("id") == opener[1:])
    finally:
        tab.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_what_is_half_written_stays(tab: Tab, tmp_path: Path) -> None:
    """Through the commands, an edit that is given up, another chat, another language, and a reload."""
    tab.write("apakah Klaten peserta?")
    tab.says("Klaten")
    tab.write("setengah jalan", send=False)
    tab.click(tab.one("#commands"))
    assert tab.one("#commands").get_attribute("aria-expanded") == "true"
    assert "/bantuan" in tab.one("#popup").text
    tab.type(Keys.ESCAPE)
    assert (value(tab), tab.one("#commands").get_attribute("aria-expanded")) == ("setengah jalan", "false")
    edit_own(tab)
    assert value(tab) == "apakah Klaten peserta?"
    tab.type(Keys.ESCAPE)
    assert value(tab) == "setengah jalan"
    tab.driver.execute_script("document.querySelectorAll('.theirs .actions button')[0].click()")
    attach(tab, tmp_path)
    for action in ("#chats .entry:nth-child(2)", "#chats .entry:nth-child(1)", "[data-language=en]", "#people .entry"):
        tab.click(tab.one(action))
    assert value(tab) == "setengah jalan"
    assert tab.one("#bar").text.split("\n") == ["a.csv", "1 byte · Reply to Tanya 100 Smart City"]
    tab.type(Keys.ENTER)
    tab.until(lambda: tab.all(".mine .quoted"))
    assert tab.all(".mine .text")[-1].text == "setengah jalan"
    tab.write("lagi", send=False)
    tab.driver.refresh()
    tab.until(lambda: value(tab) == "lagi")


def test_a_text_that_failed_goes_back_to_its_own_chat(tab: Tab) -> None:
    delayed(tab, fail=True)
    tab.write("rahasia")
    tab.click(tab.one("#chats .entry:nth-child(2)"))
    tab.until(lambda: "Gagal" in tab.one("#toast").text)
    assert tab.one("#text").get_attribute("value") == ""
    tab.click(tab.one("#chats .entry:nth-child(1)"))
    assert tab.one("#text").get_attribute("value") == "rahasia"


def test_a_file_on_its_way_is_sent_once_and_nobody_waits_for_it(tab: Tab, tmp_path: Path) -> None:
    delayed(tab, fail=False)
    attach(tab, tmp_path)
    tab.write("keterangan")
    assert "a.csv" in tab.until(lambda: tab.one("#sending").text)
    tab.write("setengah", send=False)
    tab.click(tab.one("#chats .entry:nth-child(2)"))
    tab.write("halo grup")
    tab.until(lambda: tab.said == ["halo grup"])
    tab.click(tab.one("#chats .entry:nth-child(1)"))
    tab.until(lambda: tab.all(".mine .document"))
    assert tab.one("#sending").text == ""
    assert not tab.one("#bar").is_displayed()
    assert value(tab) == "setengah"


def test_a_file_that_could_not_be_sent_is_attached_again_with_its_caption(tab: Tab, tmp_path: Path) -> None:
    delayed(tab, fail=True)
    attach(tab, tmp_path)
    tab.write("keterangan")
    tab.write("lagi", send=False)
    tab.until(lambda: tab.one("#bar").is_displayed())
    assert value(tab) == "keterangan\nlagi"
    assert "a.csv" in tab.one("#bar").text


def test_texts_that_failed_are_all_there_again(tab: Tab) -> None:
    delayed(tab, fail=True)
    tab.write("pertama")
    tab.write("kedua", send=False)
    tab.until(lambda: value(tab) == "pertama\nkedua")
    tab.driver.refresh()
    tab.until(lambda: value(tab) == "pertama\nkedua")


def test_an_edit_that_failed_is_there_again_and_so_is_what_it_interrupted(tab: Tab, tmp_path: Path) -> None:
    tab.write("apakah Klaten peserta?")
    tab.says("Klaten")
    delayed(tab, fail=True)
    attach(tab, tmp_path)
    tab.write("keterangan", send=False)
    edit_own(tab)
    tab.write(" ya")
    assert value(tab) == "keterangan"
    tab.until(lambda: value(tab) == "apakah Klaten peserta? ya")
    tab.type(Keys.ESCAPE)
    assert value(tab) == "keterangan"
    assert "a.csv" in tab.one("#bar").text


def test_a_text_that_failed_waits_behind_an_edit_that_was_begun_since(tab: Tab) -> None:
    tab.write("apakah Klaten peserta?")
    tab.says("Klaten")
    delayed(tab, fail=True)
    tab.write("pertama")
    edit_own(tab)
    tab.until(lambda: "Gagal" in tab.one("#problem").text)
    assert value(tab) == "apakah Klaten peserta?"
    tab.type(Keys.ESCAPE)
    assert value(tab) == "pertama"


def test_an_edit_gives_back_what_it_interrupted(tab: Tab, page: Beside, tmp_path: Path) -> None:
    tab.click(tab.one("#chats .entry:nth-child(2)"))
    tab.write("halo")
    tab.until(lambda: tab.said == ["halo"])
    attach(tab, tmp_path)
    tab.write("keterangan", send=False)
    edit_own(tab)
    tab.write(" lagi", send=False)
    page.do(lambda s: s.stage.people[CITIZEN.id].sends("/tanya", to=s.stage.group))  # a prompt, from another tab
    tab.until(lambda: len(tab.said) == 3)
    assert value(tab) == "halo lagi"
    tab.type(Keys.ENTER)
    tab.until(lambda: tab.said[0] == "halo lagi")
    assert value(tab) == "keterangan"
    assert tab.one("#bar").text.split("\n") == ["a.csv", "1 byte · Balas Tanya 100 Smart City"]


def test_sharing_begins_something_new_in_the_chat_it_goes_to(tab: Tab) -> None:
    tab.click(tab.one("#chats .entry:nth-child(2)"))
    tab.write("halo")
    tab.until(lambda: tab.said == ["halo"])
    edit_own(tab)
    tab.click(tab.one("#chats .entry:nth-child(1)"))
    tab.write("apakah Klaten peserta?")
    tab.press("Bagikan")
    tab.click(tab.until(lambda: tab.one("#choose[open] .entry")))
    tab.until(lambda: "Kabupaten Klaten" in tab.one("#popup").text)
    assert not tab.one("#bar").is_displayed()
    tab.type(Keys.ENTER)
    tab.says("Kabupaten Klaten")
    assert tab.said[0] == "halo"


def test_the_commands_leave_a_question_behind_a_command_alone(tab: Tab) -> None:
    tab.write("/tanya apakah", send=False)
    tab.click(tab.one("#commands"))
    offered = tab.until(lambda: tab.all("#popup [role=option]"))
    tab.click(next(option for option in offered if "/bantuan" in option.text))
    tab.says("Halo")
    assert value(tab) == "/tanya apakah"


def test_back_leads_out_again(tab: Tab) -> None:
    first = tab.driver.current_window_handle
    tab.driver.switch_to.new_window("tab")
    tab.open("#9999")
    before = tab.driver.execute_script("return history.length")
    tab.open("?start=r_33_10#1003.group")
    assert tab.driver.execute_script("return history.length") == before + 1
    tab.driver.back()
    tab.until(lambda: "start" not in tab.driver.current_url)
    tab.driver.close()
    tab.driver.switch_to.window(first)


def test_no_day_stands_over_nothing(tab: Tab, page: Beside) -> None:
    def put(shown: Any) -> list[int]:
        stage: Stage = shown.stage
        room, now = stage.people[CITIZEN.id].room, stage.telegram.now()
        return [
            room.add(stage.telegram.bot_user(), now - days * 86400, {"text": "x"})["message_id"] for days in (2, 1, 0)
        ]

    first, _, last = page.do(put)
    tab.until(lambda: len(tab.all(".day")) == 3)
    for number in (first, last):
        page.do(lambda s, n=number: s.stage.telegram.remove(s.stage.people[CITIZEN.id].room, n))
    tab.until(lambda: len(tab.all(".message")) == 1)
    assert [day.text for day in tab.all(".day")] == ["Kemarin"]


def test_an_example_clicked_twice_is_asked_once(tab: Tab) -> None:
    tab.driver.execute_script("const b = document.querySelector('.tries button'); b.click(); b.click()")
    tab.says("Klaten")
    assert len(tab.said) == 2
    assert tab.active.get_attribute("id") == "text"


def test_whoever_reads_further_up_stays_there_when_the_server_comes_back(tab: Tab, page: Beside) -> None:
    for name in ("Klaten", "Sragen", "Blora", "Kudus", "Demak", "Jepara"):
        tab.write(f"apakah {name} peserta?")
        tab.says(name)
    tab.press("Sumber")
    tab.click(tab.until(lambda: tab.one(".unfold")))
    tab.driver.execute_script("document.querySelector('#log').scrollTop = 40")
    page.stop()
    tab.until(lambda: tab.one("#offline").is_displayed())
    page.start()
    tab.until(lambda: not tab.one("#offline").is_displayed())
    assert tab.driver.execute_script("return document.querySelector('#log').scrollTop") == 40
    assert tab.all(".expandable.open")
    tab.click(tab.one("#newest"))
    assert tab.active.get_attribute("id") == "log"


def test_a_day_is_told_once_and_left_alone(tab: Tab) -> None:
    tab.write("apakah Klaten peserta?")
    tab.says("Klaten")
    tab.driver.execute_script(
        "window.changes = []; new MutationObserver((all) => all.forEach((one) => [...one.addedNodes].forEach((n) => "
        "changes.push(n.className)))).observe(document.querySelector('#log'), {childList: true})"
    )
    tab.write("apakah Sragen peserta?")
    tab.says("Sragen")
    assert tab.driver.execute_script("return changes") == ["message mine", "message theirs"]


def test_a_group_hears_the_bot_only_when_it_is_spoken_to(tab: Tab) -> None:
    tab.click(tab.all("#chats .entry")[1])
    tab.write("halo semua")
    tab.write("/tanya")
    tab.until(lambda: tab.one("#bar").is_displayed())  # the bot asks for a reply, and the page offers to write one
    tab.write("apakah Klaten peserta?")
    tab.says("Kabupaten Klaten")
    assert tab.said[0] == "halo semua"
    assert [node.text for node in tab.all(".speaker.bot")] == ["Tanya 100 Smart City"] * 2
    assert len(tab.all(".quoted")) == 3
    tab.write("/tanya xyzzy qwrt")
    assert tab.until(lambda: tab.one(".reactions").text) == "🤷"


def test_inline_results_come_while_typing_and_old_ones_do_not(tab: Tab) -> None:
    tab.write("@", send=False)
    tab.until(lambda: tab.one("#popup").is_displayed())
    tab.one("#text").send_keys(Keys.TAB)
    assert tab.one("#text").get_attribute("value") == "@tanya100_preview_bot "
    tab.until(lambda: len(tab.all("#popup [role=option]")) > 3)
    tab.write("kla", send=False)
    tab.until(lambda: "Kabupaten Klaten" in tab.one("#popup").text)
    tab.until(lambda: "Kabupaten Klaten" in tab.one("#popup [aria-selected=true]").text)
    assert tab.one("#popup [aria-selected=true]").get_attribute("id") == tab.one("#text").get_attribute(
        "aria-activedescendant"
    )
    tab.one("#text").send_keys(Keys.ESCAPE)
    assert not tab.one("#popup").is_displayed()
    tab.one("#text").send_keys(Keys.ENTER)  # shows them again
    tab.until(lambda: "Kabupaten Klaten" in tab.one("#popup").text)
    tab.one("#text").send_keys(" sragen", Keys.ENTER)  # what is shown is not what was asked for last
    assert tab.one("#text").get_attribute("value") == "@tanya100_preview_bot kla sragen"
    assert tab.said == []
    tab.one("#text").send_keys(Keys.CONTROL, "a")
    tab.one("#text").send_keys("halo", Keys.ENTER)
    tab.says("Halo")


def test_a_result_of_the_first_page_can_be_chosen_from_the_second(tab: Tab) -> None:
    tab.write("@tanya100_preview_bot kota", send=False)
    tab.until(lambda: "Hasil lainnya" in tab.one("#popup").text)
    first = tab.all("#popup [role=option]")[1].text.split("\n")[0]
    many = len(tab.all("#popup [role=option]"))
    tab.click(tab.all("#popup [role=option]")[-1])
    tab.until(lambda: len(tab.all("#popup [role=option]")) > many)
    tab.click(tab.all("#popup [role=option]")[1])
    tab.says(first)
    assert tab.one("#text").get_attribute("value") == ""


def test_an_edited_question_changes_its_answer_in_place(tab: Tab) -> None:
    tab.write("apakah Klaten peserta?")
    tab.says("Klaten")
    tab.driver.execute_script("document.querySelectorAll('.mine .actions button')[1].click()")
    assert tab.one("#text").get_attribute("value") == "apakah Klaten peserta?"
    tab.one("#text").send_keys(Keys.CONTROL, "a")
    tab.write("apakah Sragen peserta?")
    tab.until(lambda: len(tab.said) == 2 and "Sragen" in tab.said[1])
    assert tab.said[0] == "apakah Sragen peserta?"


def test_a_button_keeps_the_focus_when_its_message_changes(tab: Tab) -> None:
    tab.write("/jelajah")
    tab.key("Provinsi").send_keys(Keys.ENTER)
    tab.until(lambda: not [key for key in tab.all(".key") if key.text.startswith("Provinsi")])
    tab.key("›").send_keys(Keys.ENTER)
    tab.until(lambda: [key for key in tab.all(".key") if key.text.startswith("2/")])
    assert tab.active.text == "›"


def test_pictures_documents_and_typing_of_the_bot_are_shown(tab: Tab, page: Beside) -> None:
    async def send(shown: Any) -> None:
        telegram, chat = shown.stage.telegram, {"chat_id": CITIZEN.id}
        shown.stage.people[CITIZEN.id].room.state = "open"
        await telegram.handle("sendPhoto", {**chat, "photo": Upload("a.png", PNG), "caption": "Peta"})
        await telegram.handle("sendDocument", {**chat, "document": Upload("data.csv", b"a,b"), "caption": "Data"})
        await telegram.handle("sendChatAction", {**chat, "action": "typing"})

    page.do(send)
    tab.until(lambda: tab.driver.execute_script("return document.querySelector('.photo')?.naturalWidth") == 1)
    assert tab.one(".photo").get_attribute("alt") == "Peta"
    assert tab.one(".document").get_attribute("download") == "data.csv"
    tab.until(lambda: tab.one("#status").text == "sedang mengetik…")
    tab.until(lambda: tab.one("#status").text == "bot")


@pytest.mark.parametrize(
    "entity",
    [
        {"type": "text_link", "url": "javascript:document.title='run'"},
        {"type": "text_link", "url": "data:text/html,<script>document.title='run'</script>"},
        {"type": "custom_emoji", "custom_emoji_id": "1"},
        {"type": "script"},
        {"type": "__proto__"},
        {"type": "constructor"},
    ],
    ids=lambda entity: entity.get("url", entity["type"])[:12],
)
def test_nothing_in_a_message_can_run(tab: Tab, page: Beside, entity: dict[str, str]) -> None:
    def put(shown: Any) -> None:
        room = shown.stage.people[CITIZEN.id].room
        whole = {"offset": 0, "length": len(EVIL), **entity}
        room.add(shown.stage.telegram.bot_user(), shown.stage.telegram.now(), {"text": EVIL, "entities": [whole]})

    page.do(put)
    tab.says(EVIL)
    assert tab.all(".text script, .text img, .text a") == []
    tab.click(tab.all(".text")[-1])
    assert tab.driver.title != "run"


def test_what_people_type_cannot_run_either(tab: Tab) -> None:
    tab.write(EVIL)
    tab.until(lambda: tab.said[:1] == [EVIL])
    tab.write(f"@tanya100_preview_bot {EVIL[:40]}", send=False)
    tab.until(lambda: tab.one("#popup").is_displayed())
    assert tab.all("#log script, #log img[src=x], #popup img") == []
    assert tab.driver.title != "run"


def test_nested_entities_and_letters_beyond_the_first_plane_are_kept_apart(tab: Tab, page: Beside) -> None:
    text = "😀 tebal dan miring 😀"
    entities = [{"type": "bold", "offset": 3, "length": 16}, {"type": "italic", "offset": 13, "length": 6}]

    def put(shown: Any) -> None:
        content = {"text": text, "entities": entities}
        shown.stage.people[CITIZEN.id].room.add(shown.stage.telegram.bot_user(), shown.stage.telegram.now(), content)

    page.do(put)
    tab.says(text)
    assert tab.one(".text strong").text == "tebal dan miring"
    assert tab.one(".text strong em").text == "miring"


def test_a_message_that_is_gone_says_so_and_nothing_is_lost(tab: Tab, page: Beside) -> None:
    tab.write("apakah Klaten peserta?")
    key = tab.key("Sumber")

    def forget(shown: Any) -> None:
        stage: Stage = shown.stage
        room = stage.people[CITIZEN.id].room
        del room.messages[max(room.messages)]  # as if this tab had not heard of it

    page.do(forget)
    tab.click(key)
    tab.until(lambda: tab.one("#problem").text == "Pesan itu sudah tidak ada.")


def test_a_text_too_long_is_refused_and_stays(tab: Tab) -> None:
    tab.driver.execute_script("arguments[0].value = 'a'.repeat(4100)", tab.one("#text"))
    tab.one("#text").send_keys(Keys.ENTER)
    tab.until(lambda: "kelebihan 4 karakter" in tab.one("#problem").text)
    assert len(tab.one("#text").get_attribute("value")) == 4100


def test_a_question_asked_while_the_server_is_away_stays_in_the_field(tab: Tab, page: Beside) -> None:
    page.stop()
    tab.write("apakah Klaten peserta?")
    tab.until(lambda: "Gagal" in tab.one("#problem").text)
    assert tab.one("#text").get_attribute("value") == "apakah Klaten peserta?"
    page.start()
    tab.until(lambda: not tab.one("#offline").is_displayed())
    tab.one("#text").send_keys(Keys.ENTER)
    tab.says("Klaten")


@pytest.mark.parametrize("url", ["javascript:document.title='run'", "data:text/html,x", "https://["])
def test_a_button_opens_the_web_and_nothing_else(tab: Tab, page: Beside, url: str) -> None:
    def put(shown: Any) -> None:
        keyboard = {"inline_keyboard": [[{"text": "Buka", "url": url}]]}
        content = {"text": "x", "reply_markup": keyboard}
        shown.stage.people[CITIZEN.id].room.add(shown.stage.telegram.bot_user(), shown.stage.telegram.now(), content)

    page.do(put)
    tab.driver.execute_script("window.open = (url) => (window.opened = url)")
    tab.press("Buka")
    assert tab.driver.execute_script("return window.opened || document.title") == "Tanya 100 Smart City: coba di sini"


@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_fits_its_window(tab: Tab, width: int) -> None:
    size = {"width": width, "height": 760, "deviceScaleFactor": 1, "mobile": width < 800}
    tab.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        tab.write("kementerian apa saja yang terlibat?")
        tab.key("Sumber")
        wide = json.loads(
            tab.driver.execute_script(
                "return JSON.stringify([...document.querySelectorAll('main *')].filter((n) => n.checkVisibility() && "
                "!n.closest('.hidden, svg') && n.getBoundingClientRect().right > innerWidth + 1).map((n) => n.outerHTML.slice(0, 80)))"
            )
        )
        assert wide == []
        assert tab.one("#open-side").is_displayed() == (width < 800)
    finally:
        tab.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
