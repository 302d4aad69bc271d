"""Headless Chromium for the tests: one browser, its own profile, nothing fetched from anywhere.

Law: how to start and look; no opinions about the page.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PROGRAMS = ("chromium", "chromedriver")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio", "--no-proxy-server"),
    # A microphone that beeps, and no question about it; sound may start at a script's click.
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
)


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser of its own for as long as the block lasts."""
    program, driver_program = map(shutil.which, PROGRAMS)
    with TemporaryDirectory(prefix="deskphone-browser-") as profile:
        options = Options()
        options.binary_location = str(program)
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options, Service(str(driver_program)))
        driver.set_page_load_timeout(30)
        try:
            yield driver
        finally:
            driver.quit()


def window(driver: webdriver.Chrome, width: int, height: int, scheme: str = "light", ratio: float = 1) -> None:
    """The page's size in CSS pixels, its colour scheme (light or dark) and device pixels a CSS pixel."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": width < 600},
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def picture(driver: webdriver.Chrome, path: Path) -> None:
    """The window as it is, as PNG."""
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    path.write_bytes(base64.b64decode(shot["data"]))


def log(driver: webdriver.Chrome) -> list[dict[str, str]]:
    """What the console said since the last look."""
    return list(driver.get_log("browser"))  # type: ignore[no-untyped-call]
