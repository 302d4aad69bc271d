"""Makes docs/panel.png from the running product: `python -m tests.panel.screenshot [FILE]`.

Law: nothing is posed but the moment: a customer has called and the handset is lifted.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.needs import missing
from tests.panel import browser
from tests.panel.product import lift, product, state_of, wait

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "panel.png"
SIZE = (1280, 800)
PATIENCE = 90.0  # seconds until a customer has called


def main() -> None:
    """Run the product, wait for a customer, answer, and take the picture."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    if lacking := missing(*browser.PROGRAMS):
        raise SystemExit(lacking)
    with product() as url, browser.chromium() as driver:
        browser.window(driver, *SIZE)
        driver.get(url)
        wait(url, "a customer", lambda state: state_of(state) == "incoming", PATIENCE)
        lift(url)
        wait(url, "the call", lambda state: state_of(state) == "established")
        time.sleep(1.5)  # the handset's way up, and a first second of the call
        file.parent.mkdir(exist_ok=True)
        browser.picture(driver, file)
    print(file)


if __name__ == "__main__":
    main()
