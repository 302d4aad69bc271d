"""The agent desktop's page in a real browser, over the stand-in and a phone that only answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from centre import DN, SipServer
from centre.agents import Roster
from centre.control import Control
from tests.centre.unit.phone import Phone, sdp
from tests.panel import browser
from tests.stories.bench_sip import LoopThread

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OPTIONS = {"enable-agentlogin-subscribe": "true", "sip-cti-control": "talk,hold", "refer-enabled": "false"}

TEXT = "return document.querySelector(arguments[0])?.innerText ?? ''"
CLICK = "const e = document.querySelector(arguments[0]); if (!e || e.disabled) return false; e.click(); return true;"


class Centre:
    """A contact centre with an agent, a queue and a registered phone that answers when it is told to."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.thread = LoopThread()
        self.roster = Roster()
        self.server: SipServer = self.thread.do(self._server)
        self.control = Control(self.server, "127.0.0.1", 0)

    def _server(self, host: str = "127.0.0.1") -> SipServer:
        dns: dict[str, str | DN] = {"1502": DN("1502", "secret", options=dict(OPTIONS)), "1503": "secret"}
        server = SipServer(host=host, dns=dns, roster=self.roster)
        server.agents.add("7001", "1234", "Ada Agent")
        server.add_queue("5000")
        server.reasons = {"500": "Lunch break"}
        return server

    async def start(self) -> None:
        await self.server.start()
        await self.control.start()
        self.phone = await Phone("1502", self.server.port).__aenter__()
        await self.phone.register()

    async def second_site(self) -> SipServer:
        """The page anew, with two sites."""
        second = self._server("127.0.0.2")
        self.server.join(second)
        await second.start()
        await self.control.stop()
        self.control = Control(self.server, "127.0.0.1", 0, second)
        await self.control.start()
        return second

    async def stop(self) -> None:
        await self.phone.__aexit__()
        await self.control.stop()
        await self.server.stop()

    def find(self, css: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def until(self, what: str, test: Callable[[], Any]) -> None:
        try:
            WebDriverWait(self.driver, 10, 0.05).until(lambda _: test())
        except Exception as error:
            raise AssertionError(f"waited for {what}; the page reads {self.find('main').text!r}") from error

    def reads(self, css: str, words: str) -> None:
        """In one step: what is redrawn in that moment is not lost between finding and reading."""
        self.until(f"{words!r} in {css}", lambda: words in self.driver.execute_script(TEXT, css))

    def click(self, css: str) -> None:
        """What is redrawn in that moment is looked for again."""
        self.until(f"a click on {css}", lambda: self.driver.execute_script(CLICK, css))


@pytest.fixture
def centre(chromium: webdriver.Chrome) -> Iterator[Centre]:
    browser.log(chromium)
    centre = Centre(chromium)
    centre.thread.run(centre.start())
    browser.window(chromium, 1200, 800)
    chromium.get(f"{centre.control.url}/desktop")
    yield centre
    chromium.get("about:blank")
    centre.thread.run(centre.stop())
    centre.thread.stop()


def log_in(centre: Centre, password: str = "1234") -> None:
    centre.reads("#phone-note", "registered")
    centre.find("[name=agent]").send_keys("7001")
    centre.find("[name=password]").send_keys(password)
    centre.click(".login .action")


def test_an_agents_day(centre: Centre) -> None:
    log_in(centre)
    centre.reads("#state", "Not Ready")
    centre.reads("#state", "Ada Agent")
    centre.click("#customer")
    centre.reads("#queue", "waits")
    centre.click('[data-do="ready"]')
    invite = centre.thread.run(centre.phone.next_request("INVITE"))
    centre.thread.do(lambda: centre.phone.reply(invite, 180))
    centre.reads("#calls", "Ringing")
    assert "queue 5000" in centre.find("#calls").text
    centre.click('#calls [data-do="answer"]')
    notify = centre.thread.run(centre.phone.next_request("NOTIFY"))
    assert notify.headers["Event"] == "talk"
    centre.thread.do(lambda: centre.phone.reply(notify, 200))
    centre.thread.do(lambda: centre.phone.reply(invite, 200, body=sdp(centre.phone.rtp_port)))
    centre.reads("#calls", "Talking")
    centre.click('#calls [data-do="release"]')
    centre.until("the end of the call", lambda: centre.find("#calls").text == "")
    centre.click("#reasons button:nth-child(2)")
    centre.reads("#state", "Lunch break")
    centre.reads("#team", "Not Ready, 500 Lunch break at 1502")
    centre.reads("#feed", "waits in queue 5000")
    assert browser.log(centre.driver) == []


def test_a_wrong_password_is_said(centre: Centre) -> None:
    log_in(centre, "0000")
    centre.reads("#refused", "wrong")
    assert centre.find("#state-word").text == "Logged out"


def test_what_the_phone_does_is_seen_at_once(centre: Centre) -> None:
    centre.reads("#phone-note", "registered")
    centre.thread.do(lambda: centre.server.desktop("1502").log_in("7001"))
    centre.reads("#state", "Not Ready")
    centre.thread.do(lambda: centre.server.desktop("1502").do_not_disturb(True))
    centre.reads("#phone-note", "Do not disturb")
    centre.click('[data-dn="1503"]')
    centre.reads("#phone-note", "No phone is registered at 1503")


def test_a_button_kills_a_site_and_the_desktop_goes_where_the_agent_is(centre: Centre) -> None:
    second = centre.thread.run(centre.second_site())
    centre.driver.get(f"{centre.control.url}/desktop")
    log_in(centre)
    centre.reads("#sites article:nth-child(1)", "Ada Agent Not Ready")
    centre.click('[data-deed="kill"][data-of="0"]')
    centre.reads("#sites article:nth-child(1)", "Dead")
    centre.thread.do(lambda: second.desktop("1502").log_in("7001"))
    centre.reads("#sites article:nth-child(2)", "Ada Agent Not Ready")
    centre.reads("#where", second.address)
    centre.reads("#state", "Ada Agent")
    centre.click('[data-deed="revive"][data-of="0"]')
    centre.reads("#sites article:nth-child(1)", "In service")
    assert centre.server.registrations == {}
    centre.thread.run(second.stop())


@pytest.mark.parametrize("width", [1200, 900, 390])
def test_nothing_sticks_out(centre: Centre, width: int) -> None:
    browser.window(centre.driver, width, 900)
    log_in(centre)
    centre.reads("#state", "Not Ready")
    assert centre.driver.execute_script("return document.documentElement.scrollWidth") <= width
