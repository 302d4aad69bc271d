"""The guide's figures as its tables say, in a real browser at a phone that registers: filled in, in force, refused,
taken back; then a fault is looked for on the page Diagnostics."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import element_to_be_clickable
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.manage.desk import Managed, managed
from tests.manage.plane import PASSWORD, Plane
from tests.manage.test_in_browser import log_in, until
from tests.panel import browser
from tests.patience import patient
from tests.peers.child import wait_until
from tests.stories.bench_sip import SECOND_HOST

pytestmark = [pytest.mark.browser, pytest.mark.sip, pytest.mark.slow, pytest.mark.needs(*browser.PROGRAMS)]
CAPTURE = Path(__file__).resolve().parents[2] / "image/rootfs/usr/lib/deskphone/capture.py"
SIP = "voip/signalling/sip"


class Guest:
    """A person at the pages of one phone."""

    def __init__(self, driver: webdriver.Chrome, url: str, bench: Managed, plane: Plane) -> None:
        self.driver, self.url, self.bench, self.plane = driver, url, bench, plane

    def fill(self, page: str, **fields: str) -> None:
        """Write into fields of a page by the guide's words, `_` for a blank, and save."""
        self.driver.get(f"{self.url}/settings/{page}")
        for words, value in fields.items():
            self.put(words.replace("_", " "), value)
        self.driver.find_element(By.CSS_SELECTOR, "button.save").click()

    def put(self, words: str, value: str) -> None:
        field = self.field(words)
        assert field.is_displayed(), f"{words} is not displayed"
        if field.tag_name == "select":
            Select(field).select_by_visible_text(value)
        else:
            field.clear()
            field.send_keys(value)

    def field(self, words: str) -> webdriver.remote.webelement.WebElement:
        """The field whose label begins with these words."""
        label = self.driver.find_element(By.XPATH, f"//label[starts-with(normalize-space(.), '{words}')]")
        return self.driver.find_element(By.ID, str(label.get_attribute("for")))

    def back(self, name: str) -> None:
        """Press "Back to the file's" of a setting."""
        button = (By.CSS_SELECTOR, f'button[name=reset][value="{SIP}/{name}"]')
        WebDriverWait(self.driver, patient(20), 0.05).until(element_to_be_clickable(button)).click()

    def shown(self, name: str) -> str:
        """What the CLI says of a setting: value and layer."""
        return self.plane.cli("show", name).stdout.strip()


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    """The administrator, logged in, at a phone of a file that names one server."""
    with managed() as (bench, plane), browser.chromium() as driver:
        assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
        url = plane.manage("--http", "127.0.0.1:0").url
        log_in(driver, url)
        yield Guest(driver, url, bench, plane)


def test_figures_2_and_3_filled_in_by_table_2_the_phone_registers_at_both_sites(guest: Guest) -> None:
    driver, bench = guest.driver, guest.bench
    second = bench._start(bench.servers[1])
    driver.get(f"{guest.url}/settings/proxy")
    assert not guest.field("Secondary Proxy Address").is_displayed(), "displayed only when Simultaneous is selected"
    guest.fill(
        "proxy", Use_SIP_Proxy="Enable", Use_SIP_Registrar="Disable", Registration_Failed_Expires="7",
        Registrar_Keep_Alive_Period="40", Redundant_Proxy_Mode="Simultaneous",
        Secondary_Proxy_Address=SECOND_HOST, Secondary_Proxy_Port=str(second.port),
    )  # fmt: skip
    until(driver, "[role=status]", "values are set")
    wait_until("both sites", lambda: [each["registered"] for each in bench.state()["servers"]] == [True, True], 60)
    assert bench.lines(1), "the second site has the phone"
    driver.get(f"{guest.url}/status")
    until(driver, "td", f"{SECOND_HOST}:{second.port}")
    assert guest.shown(f"{SIP}/redundant_proxy/mode").startswith(f"{SIP}/redundant_proxy/mode=SIMULTANEOUS ; admin")


def test_what_table_2_does_not_allow_is_refused_beside_its_field_and_the_file_comes_back(guest: Guest) -> None:
    driver, bench = guest.driver, guest.bench
    guest.fill("proxy", Proxy_Port="80", Registrar_Keep_Alive_Period="39", Registration_Failed_Expires="9")
    until(driver, "[role=alert]", "2 values do not fit; nothing is set")
    wrong = {each.get_attribute("id"): each.text for each in driver.find_elements(By.CSS_SELECTOR, "p.error")}
    assert "1024 to 65535" in wrong["voip-signalling-sip-proxy_port-error"]
    assert "40 to 65536" in wrong["voip-signalling-sip-registrar_ka-timeout-error"]
    assert not guest.shown(f"{SIP}/registration_failed_timeout").startswith(f"{SIP}/registration_failed_timeout=9")
    guest.back("secondary_proxy/address")
    until(driver, "[role=alert]", "because redundant_proxy/mode=SIMULTANEOUS")
    guest.back("redundant_proxy/mode")
    wait_until("the file's mode", lambda: "; admin" not in guest.shown(f"{SIP}/redundant_proxy/mode"))
    driver.get(f"{guest.url}/settings/proxy")
    assert not guest.field("Secondary Proxy Address").is_displayed()
    wait_until("the file's one server", lambda: len(bench.state()["servers"]) == 1 and bench.registered(), 60)


def test_a_line_is_named_as_the_guide_says_for_business_continuity(guest: Guest) -> None:
    guest.fill("line", Activate="Enable", Display_Name="Agent desk 7")
    until(guest.driver, "[role=status]", "1 value is set")
    assert "=Agent desk 7 ; administrator" in guest.shown("voip/line/0/description")
    guest.driver.get(f"{guest.url}/settings/quick")
    assert guest.field("Display Name").get_attribute("value") == "Agent desk 7", "Quick Setup shows the same"


@pytest.mark.needs("tcpdump")
@pytest.mark.skipif(os.geteuid() != 0, reason="raw packets are root's")
def test_a_fault_is_looked_for_on_the_diagnostics_page(guest: Guest) -> None:
    driver, bench = guest.driver, guest.bench
    driver.get(f"{guest.url}/diagnostics")
    trace, journal = driver.find_elements(By.CSS_SELECTOR, ".tail pre")
    assert "REGISTER sip:" in trace.text and re.search(r"Authorization: Digest +\*{4,}", trace.text)
    assert journal.text
    seconds = driver.find_element(By.ID, "seconds")
    seconds.clear()
    seconds.send_keys("601\n")
    until(driver, "[role=alert]", "No capture: ")
    seconds = driver.find_element(By.ID, "seconds")
    seconds.clear()
    seconds.send_keys("2\n")
    until(driver, "[role=status]", "Capturing for 2 s.")
    driver.execute_script("window.sameDocument = true")
    unit = subprocess.Popen(
        [sys.executable, "-I", "-B", str(CAPTURE), str(bench.captures / "capture"), str(bench.captures)]
    )
    try:
        until(driver, "main p", "Captured.")
        until(driver, "main a", "Download capture.pcap")
    finally:
        unit.wait(30)
    assert driver.execute_script("return window.sameDocument === true"), "the page followed without reload"
    for words, magic in (("Download capture.pcap", [0xD4, 0xC3, 0xB2, 0xA1]), ("Download the support", [0x1F, 0x8B])):
        link = driver.find_element(By.PARTIAL_LINK_TEXT, words).get_attribute("href")
        script = "const done = arguments[1]; fetch(arguments[0]).then(a => a.arrayBuffer()).then(b => done([...new Uint8Array(b.slice(0, 4))]))"  # noqa: E501
        assert driver.execute_async_script(script, link)[: len(magic)] == magic, words


def test_restart_and_defaults_ask_whether_one_is_sure(guest: Guest) -> None:
    driver = guest.driver
    assert guest.plane.cli("set", "voip/line/0/description", "Desk").returncode == 0
    driver.get(f"{guest.url}/administration")
    driver.find_element(By.CSS_SELECTOR, "button[value=defaults]").click()
    until(driver, "[role=alert]", "say that you are sure")
    assert "administrator" in guest.shown("voip/line/0/description"), "nothing is done"
    driver.find_element(By.ID, "sure").click()
    driver.find_element(By.CSS_SELECTOR, "button[value=defaults]").click()
    until(driver, "[role=status]", "taken away")
    assert "administrator" not in guest.shown("voip/line/0/description")
