"""The web pages in a real browser: log-in, a form with a mistake, a value set and taken back, a small screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

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
        log_in(driver, url)
        yield driver, url


def log_in(driver: webdriver.Chrome, url: str, user: str = "admin", word: str = PASSWORD) -> None:
    """Log in at the page for it, as a person does."""
    driver.get(f"{url}/login")
    driver.find_element(By.ID, "user").send_keys(user)
    driver.find_element(By.ID, "password").send_keys(word + "\n")
    until(driver, "h1", "Status")


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


def test_the_guides_form_is_filled_in_by_its_table_and_in_force(
    visit: tuple[webdriver.Chrome, str], plane: Plane
) -> None:
    driver, url = visit
    driver.get(f"{url}/settings/acd")
    acd = "voip/services/ACD"
    address = driver.find_element(By.NAME, f"{acd}/server_address")
    assert not address.is_displayed(), "displayed only when 'Use SIP Server As ACD Server' is Disable"
    for label, words in (
        ("Active", "Enable"), ("Server Type", "GENESYS"), ("Use SIP Server As ACD Server", "Disable"),
        ("State After Login", "Ready"),
    ):  # fmt: skip
        Select(driver.find_element(By.ID, _field(driver, label))).select_by_visible_text(words)
    assert address.is_displayed()
    for label, text in (("Server Address", "192.0.2.7"), ("Server Port", "5060"), ("User Name", "agent7")):
        field = driver.find_element(By.ID, _field(driver, label))
        field.clear()
        field.send_keys(text)
    driver.find_element(By.CSS_SELECTOR, "button.save").click()
    until(driver, "[role=status]", "values are set")
    shown = [plane.cli("show", f"{acd}/{name}").stdout for name in ("enabled", "server_address", "state_after_login")]
    assert [line.split(" ")[0].split("=")[1] for line in shown] == ["1", "192.0.2.7", "READY"]
    names = ("enabled", "server_type", "server_address", "server_use_sip_server", "server_port", "state_after_login")
    for name in (*(f"{acd}/{each}" for each in names), "deskphone/acd/user_name"):
        assert plane.cli("reset", name).returncode == 0


def _field(driver: webdriver.Chrome, label: str) -> str:
    """The id of the field whose label begins with these words."""
    found = driver.find_elements(By.XPATH, f"//label[starts-with(normalize-space(.), '{label}')]")
    return str(found[0].get_attribute("for"))


def test_a_file_is_uploaded_and_its_faults_are_told(visit: tuple[webdriver.Chrome, str], plane: Plane) -> None:
    driver, url = visit
    for text, css, said in (
        (f"{RING}=55\n", "[role=alert]", "Nothing is set"), (f"{RING}=5\n", "[role=status]", "1 value is set"),
    ):  # fmt: skip
        file = plane.folder / "uploaded.cfg"
        file.write_text(text)
        driver.get(f"{url}/configuration")
        driver.find_element(By.ID, "file").send_keys(str(file))
        driver.find_element(By.XPATH, "//button[.='Upload']").click()
        until(driver, css, said)
    assert plane.cli("show", RING).stdout.startswith(f"{RING}=5 ; administrator")
    assert plane.cli("reset", RING).returncode == 0


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
