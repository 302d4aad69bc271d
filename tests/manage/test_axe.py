"""axe-core, which nobody here wrote, over every page of every role, light and dark, large and small.

It comes by the driver, so the pages' own policy (no script but theirs) stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from deskphone.manage.web.sections import OWN_PAGES, SECTIONS, STATUS_PAGE
from tests.manage.plane import PASSWORD, Plane
from tests.manage.test_in_browser import log_in, until
from tests.panel import browser
from tests.patience import patient

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.needs(*browser.PROGRAMS)]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
LOOKS = ((1280, "light"), (360, "dark"))
OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
RUN = """
const [structure, done] = arguments;
// Contrast is dear and a matter of the style sheet: of elements that it cannot tell apart, one is looked at.
const kind = each => each === null ? "" : kind(each.parentElement) + " " + [each.tagName, each.className, each.type,
  ...["role", "aria-current", "style"].map(name => each.getAttribute(name))].join(".");
const texts = [...document.querySelectorAll("body *")].filter(each => /INPUT|SELECT/.test(each.tagName)
  || [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
new Map(texts.map(each => [kind(each), each])).forEach(each => each.setAttribute("data-looked-at", ""));
axe.configure({rules: [{id: "color-contrast", selector: "[data-looked-at]"}]});
const options = {resultTypes: ["violations"], preload: false};
axe.run(document, structure ? options : {...options, runOnly: ["color-contrast"]}).then(
  found => done({passed: found.passes.map(rule => rule.id), wrong: found.violations.map(rule =>
    `${rule.impact} ${rule.id}: ${rule.nodes.map(node => node.target.join(" ")).slice(0, 3).join(", ")}`)}),
  wrong => done({passed: [], wrong: [String(wrong)]}));
"""
WORD = "agents word"


@pytest.fixture(scope="module")
def guest(plane: Plane) -> Iterator[tuple[webdriver.Chrome, str]]:
    """A browser, and where the pages are."""
    url = plane.manage("--http", "127.0.0.1:0", log="axe").url
    with browser.chromium() as driver:
        driver.set_script_timeout(patient(200))
        yield driver, url


def as_administrator(guest: tuple[webdriver.Chrome, str], plane: Plane) -> tuple[webdriver.Chrome, str]:
    """The browser, logged in."""
    assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    log_in(*guest)
    return guest


def judged(driver: webdriver.Chrome, small: bool = False) -> list[str]:
    """What axe-core finds wrong in the page as it stands, everything that folds unfolded, in each look: the contrast;
    and the rest, which the look changes where a page is `small` only."""
    driver.execute_script(OPEN)
    driver.execute_script(AXE)
    found = []
    for width, scheme in LOOKS:
        browser.window(driver, width, 800, scheme=scheme)
        structure = small or width == LOOKS[0][0]
        said: dict[str, Any] = driver.execute_async_script(RUN, structure)
        assert "color-contrast" in said["passed"] or said["wrong"], "it has looked"
        found += [f"{driver.current_url} {width} {scheme}: {each}" for each in said["wrong"]]
    return found


def all_judged(driver: webdriver.Chrome, url: str, places: Iterable[str], small: bool = False) -> list[str]:
    """The same of several pages, which are the ones they should be."""
    found = []
    for place in places:
        driver.get(f"{url}{place}")
        assert driver.current_url == f"{url}{place}"
        found += judged(driver, small)
    return found


def test_the_pages_before_a_log_in(guest: tuple[webdriver.Chrome, str], plane: Plane) -> None:
    assert plane.cli("password", "remove").returncode == 0
    assert all_judged(*guest, ["/login", "/first"], small=True) == []


PAGES = (*SECTIONS, *OWN_PAGES, STATUS_PAGE)


@pytest.mark.parametrize("branch", sorted({each.path[0] for each in PAGES}))
def test_the_pages_of_the_administrator(guest: tuple[webdriver.Chrome, str], plane: Plane, branch: str) -> None:
    driver, url = as_administrator(guest, plane)
    assert all_judged(driver, url, [each.href for each in PAGES if each.path[0] == branch]) == []


def test_the_tree_on_a_small_screen_and_a_form_that_is_refused(
    guest: tuple[webdriver.Chrome, str], plane: Plane
) -> None:
    driver, url = as_administrator(guest, plane)
    assert all_judged(driver, url, ["/status#pages"], small=True) == []
    driver.get(f"{url}/settings/voice")
    field = driver.find_element(By.NAME, "deskphone/volume/ring")
    field.clear()
    field.send_keys("44\n")
    until(driver, "p.error", "expected 0 to 10")
    assert judged(driver) == []
    driver.execute_script("document.querySelectorAll('label').forEach(each => each.remove())")
    driver.execute_script("document.querySelector('h1').style.color = '#bbb'")
    seen = {each.split(": ")[1].split(" ", 1)[1] for each in judged(driver)}
    assert {"label", "color-contrast"} <= seen, "it would be seen"


def test_the_pages_of_the_user(guest: tuple[webdriver.Chrome, str], plane: Plane) -> None:
    driver, url = guest
    with plane.setting("system/web_user_access_list", "tones.htm"):
        assert plane.cli("set", "system/web_user_password", "-", given=f"{WORD}\n").returncode == 0
        log_in(driver, url, "user", WORD)
        assert all_judged(driver, url, ["/status", "/settings/tones"], small=True) == []
        assert plane.cli("reset", "system/web_user_password").returncode == 0
