"""The whole product: a browser, the phone with its SIP stack, and the contact centre beside it."""

from __future__ import annotations

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.panel import browser
from tests.panel.product import ask, product, state_of, wait

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.sip]


def level(driver: webdriver.Chrome, meter: str) -> int:
    return int(str(driver.find_element(By.ID, f"level-{meter}").get_attribute("aria-valuenow")))


def test_a_person_dials_the_echo_in_the_page_and_hears_the_own_voice(chromium: webdriver.Chrome) -> None:
    with product() as url:
        browser.window(chromium, 1280, 800)
        chromium.get(url)
        wait(url, "the registration", lambda state: any(each["registered"] for each in state["servers"]))
        for key in (*"9196", "ok"):
            chromium.find_element(By.CSS_SELECTOR, f'[data-key="{key}"]').click()
        wait(url, "the call", lambda state: state_of(state) == "established")
        assert ask(url)["calls"][0]["number"] == "9196"
        assert ask(url)["audio"]["path"] == "speaker"
        chromium.find_element(By.ID, "mic").click()
        # The browser's own microphone beeps once a second; the far end says it back.
        wait(url, "the beep", lambda _: level(chromium, "in") > 10)
        wait(url, "the echo of it", lambda _: level(chromium, "out") > 10)
        chromium.find_element(By.CSS_SELECTOR, '[data-key="cancel"]').click()
        wait(url, "the end", lambda state: state["calls"] == [])
        chromium.get("about:blank")
