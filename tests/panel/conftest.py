"""One browser for all tests of the page, one phone for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.needs import needs
from tests.panel import browser
from tests.panel.bench_phone import BenchPhone, Bridge

LIT_DOTS = """
const c = document.getElementById('oled');
return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length;
"""


class Visit:
    """A person looking at the page of a phone."""

    def __init__(self, phone: BenchPhone, driver: webdriver.Chrome) -> None:
        self.phone, self.driver = phone, driver

    def open(self, width: int = 1280, height: int = 800, scheme: str = "light", ratio: float = 1) -> None:
        """Open the page and wait until it speaks with the phone."""
        browser.window(self.driver, width, height, scheme, ratio)
        self.driver.get(self.phone.url)
        self.until("the page to be connected", lambda: self.link() == "up" and self.lit_dots() > 0)

    def link(self) -> str | None:
        return self.find("body").get_attribute("data-link")

    def find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def key(self, name: str) -> WebElement:
        return self.find(f'[data-key="{name}"]')

    def press(self, *names: str) -> None:
        for name in names:
            self.key(name).click()

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait_for(self, script: str) -> Any:
        """The value of a promise in the page."""
        self.driver.set_script_timeout(20)
        return self.driver.execute_async_script(
            f"const done = arguments[0]; (async () => {{{script}}})().then(done, (e) => done(String(e)));"
        )

    def lit_dots(self) -> int:
        """Pixels of the display's canvas that shine."""
        return int(self.run(LIT_DOTS))

    def reads(self) -> str:
        """What a screen reader is told."""
        return str(self.run("return document.getElementById('reading').textContent"))

    def until(self, what: str, test: Callable[[], Any], within: float = 10) -> None:
        try:
            WebDriverWait(self.driver, within, 0.05).until(lambda _: test())
        except TimeoutException as error:
            words = f"waited {within} s for {what}; the display reads {self.reads()!r}"
            raise AssertionError(words) from error

    def complaints(self) -> list[str]:
        """What the browser's console complains about."""
        return [entry["message"] for entry in browser.log(self.driver) if entry["level"] == "SEVERE"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    needs(*browser.PROGRAMS)
    with browser.chromium() as driver:
        yield driver


@pytest.fixture
def visit(chromium: webdriver.Chrome, tmp_path: Path) -> Iterator[Visit]:
    chromium.get("about:blank")
    browser.log(chromium)
    with BenchPhone(tmp_path / "phone", bridge=Bridge()) as phone:
        yield Visit(phone, chromium)
        chromium.get("about:blank")
