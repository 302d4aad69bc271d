"""The web pages in a real browser: log-in, a form with a mistake, a value set and taken back, a small screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.manage.plane import PASSWORD, Plane
from tests.panel import browser

pytestmark = [pytest.mark.browser, pytest.mark.needs(*browser.PROGRAMS)]
RING = "deskphone/volume/ring"


@pytest.fixture(scope="module")
def visit(plane: Plane) -> Iterator[tuple[webdriver.Chrome, str]]:
    """A browser that is logged in, and where."""
    assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    url = plane.manage("--http", "127.0.0.1:0", log="browser").url
    with browser.chromium() as driver:
        driver.get(f"{url}/settings/voice")
        assert driver.title.startswith("Log in"), "who has no session is sent to the log-in"
        driver.find_element(By.ID, "user").send_keys("admin")
        driver.find_element(By.ID, "password").send_keys(PASSWORD + "\n")
        until(driver, "h1", "Status")
        yield driver, url


def until(driver: webdriver.Chrome, css: str, words: str) -> None:
    """Wait for an element with these words."""
    WebDriverWait(driver, 15, 0.05, [StaleElementReferenceException]).until(
        lambda _: any(words in str(each.text) for each in driver.find_elements(By.CSS_SELECTOR, css)),
        f"waited for {words!r} in {css}",
    )


def type_ring(driver: webdriver.Chrome, text: str) -> None:
    field = driver.find_element(By.NAME, RING)
    field.clear()
    field.send_keys(text + "\n")


def test_a_value_is_refused_beside_its_field_then_set_and_taken_back(visit: tuple[webdriver.Chrome, str]) -> None:
    driver, url = visit
    driver.get(f"{url}/settings/voice")
    type_ring(driver, "44")
    until(driver, "[role=alert]", "nothing is set")
    until(driver, "p.error", "expected 0 to 10")
    type_ring(driver, "4")
    until(driver, "[role=status]", "1 value is set")
    driver.find_element(By.CSS_SELECTOR, f'button[name=reset][value="{RING}"]').click()
    WebDriverWait(driver, 15, 0.05).until(lambda _: not driver.find_elements(By.NAME, "reset"))


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_screen_and_none_breaks_its_own_policy(
    visit: tuple[webdriver.Chrome, str], width: int
) -> None:
    driver, url = visit
    browser.window(driver, width, 800)
    driver.get_log("browser")
    for page in ("status", "settings/line", "settings/acd", "settings/web"):
        driver.get(f"{url}/{page}")
        wide = driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page} is {wide} pixels wider than {width}"
    assert [each["message"] for each in driver.get_log("browser") if each["level"] == "SEVERE"] == []


def test_the_status_page_follows_the_phone_without_reload(visit: tuple[webdriver.Chrome, str], plane: Plane) -> None:
    driver, url = visit
    driver.get(f"{url}/status")
    driver.execute_script("window.sameDocument = true")
    assert plane.cli("set", "system/type", "405HD").returncode == 0
    until(driver, "td", "405HD")
    assert driver.execute_script("return window.sameDocument === true")
    assert plane.cli("reset", "system/type").returncode == 0
    until(driver, "td", "420HD")


def test_logged_out_the_pages_are_closed(visit: tuple[webdriver.Chrome, str]) -> None:
    driver, url = visit
    driver.get(f"{url}/status")
    driver.find_element(By.XPATH, "//button[.='Log out']").click()
    until(driver, "h1", "Log in")
    driver.get(f"{url}/status")
    until(driver, "h1", "Log in")
