"""A real browser without a window: Chromium, driven by selenium."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
WAIT_SECONDS = 10.0
DESKTOP = "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"
"""A mouse: without a window the browser takes itself for a phone."""
QUIET = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
)  # fmt: skip


def needs_browser() -> None:
    """Skip where there is no browser; in CI there must be one."""
    if CHROMIUM and DRIVER:
        return
    why = "no browser: install Chromium and its driver (Debian: apt-get install chromium chromium-driver)"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why, allow_module_level=True)


class Tab:
    """A page as somebody sees and uses it."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, path: str = "") -> None:
        """Open an address of the page, and wait until it shows something."""
        self.driver.get(self.address + path)
        self.until(lambda: self.one("#app").is_displayed())

    def one(self, selector: str) -> WebElement:
        """The first element of a selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        """All elements of a selector."""
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def until(self, condition: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
        """Wait until something holds, and return it."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                found = condition()
            except (NoSuchElementException, StaleElementReferenceException):
                found = None
            if found:
                return found
            assert time.monotonic() < deadline, f"it did not come; the page shows:\n{self.one('body').text}"
            time.sleep(0.05)

    @property
    def said(self) -> list[str]:
        """The texts of all messages, in order."""
        return [node.text for node in self.all(".message .text")]

    def says(self, text: str) -> str:
        """Wait until the last message holds a text; all of it."""
        return str(self.until(lambda: self.said and text in self.said[-1] and self.said[-1]))

    def write(self, text: str, *, send: bool = True) -> None:
        """Type, and press Enter."""
        self.one("#text").send_keys(text, *([Keys.ENTER] if send else []))

    def key(self, label: str) -> WebElement:
        """Wait for a button below a message, the last one whose label begins so."""
        return self.until(lambda: [k for k in self.all(".key") if k.text.startswith(label)])[-1]

    def press(self, label: str) -> None:
        """Press a button below a message."""
        self.click(self.key(label))

    @property
    def active(self) -> WebElement:
        """What has the focus."""
        return self.driver.switch_to.active_element

    def type(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        for key in keys:
            self.active.send_keys(key)

    def click(self, element: WebElement) -> None:
        """Click on something, wherever it is scrolled to."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def errors(self) -> list[str]:
        """What the browser complains of."""
        return [line["message"] for line in self.driver.get_log("browser") if line["level"] == "SEVERE"]


@contextmanager
def browser(folder: Path, *, language: str = "id", width: int = 1200, height: int = 800) -> Iterator[Any]:
    """A browser with an empty profile whose own language is ``language``."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (
        *QUIET,
        f"--user-data-dir={folder}",
        f"--lang={language}",
        f"--window-size={width},{height}",
        f"--blink-settings={DESKTOP}",
    ):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()
