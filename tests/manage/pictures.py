"""Makes the pictures of docs/web.md from a running phone and its management plane: `python -m tests.manage.pictures`.

Law: nothing is posed: the first password is set as a person sets it, with the code of the display.
"""

from __future__ import annotations

import re
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.manage.desk import Managed, managed
from tests.manage.plane import PASSWORD
from tests.needs import missing
from tests.panel import browser

DOCS = Path(__file__).parents[2] / "docs"
SIZE, SMALL = (1100, 760), (360, 720)
PAGES = (
    ("acd", "settings/acd"), ("proxy", "settings/proxy"), ("remote", "settings/remote"), ("file", "configuration"),
    ("firmware", "firmware"), ("restart", "administration"), ("diagnostics", "diagnostics"),
)  # fmt: skip


def _fill(driver: webdriver.Chrome, **fields: str) -> None:
    """Type into fields by their names, and send the form."""
    for name, text in fields.items():
        driver.find_element(By.NAME, name).send_keys(text)
    driver.find_element(By.CSS_SELECTOR, "main form button").click()


def _until(driver: webdriver.Chrome, title: str) -> None:
    WebDriverWait(driver, 60, 0.1).until(lambda _: driver.title.startswith(title), f"waited for {title}")


def main() -> None:
    """Run a phone, set the first password, and look at its pages."""
    if lacking := missing(*browser.PROGRAMS):
        raise SystemExit(lacking)
    with managed() as (bench, plane), browser.chromium() as driver:
        _look(driver, bench, plane.manage("--http", "127.0.0.1:0").url)


def _look(driver: webdriver.Chrome, bench: Managed, url: str) -> None:
    browser.window(driver, *SIZE)
    driver.get(f"{url}/login")
    browser.picture(driver, DOCS / "web-login.png")
    _fill(driver, user="admin", password="1234")
    _until(driver, "Set a password")
    browser.picture(driver, DOCS / "web-first.png")
    rows = [row.strip() for row in bench.state()["rows"]]
    _fill(
        driver, code=next(row for row in rows if re.fullmatch(r"\d{4} \d{4}", row)), password=PASSWORD, again=PASSWORD
    )
    _until(driver, "Status")
    browser.picture(driver, DOCS / "web-status.png")
    for name, place in PAGES:
        driver.get(f"{url}/{place}")
        browser.picture(driver, DOCS / f"web-{name}.png")
    browser.window(driver, *SMALL, scheme="dark", ratio=1)
    for name, place in (("small", "settings/acd"), ("tree", "settings/acd#pages")):
        driver.get("about:blank")
        driver.get(f"{url}/{place}")
        browser.picture(driver, DOCS / f"web-{name}.png")
    print("docs/web-*.png")


if __name__ == "__main__":
    main()
