"""Python packages of the bill of materials are held against advisories in the form of PyPA's database."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import known_python
import pytest

TODAY = datetime.date(2026, 11, 30)
ADVISORY = """id: PYSEC-2026-1
modified: 2026-11-02T20:20:18.162431Z
aliases:
- CVE-2026-2000
- GHSA-xxxx
details: 'A header such as

  versions:

  - 9.9 in a text is no version.'
affected:
- package:
    ecosystem: PyPI
    name: Web_Thing
    purl: pkg:pypi/web-thing
  ranges:
  - type: GIT
    events:
    - introduced: "0"
    - fixed: 33ccdfb0a12690af5bb49bda2319ec0907fa7827
  - type: ECOSYSTEM
    events:
    - introduced: "1.0"
    - fixed: 1.4.2
    - introduced: '2.0'
    - last_affected: 2.1
  versions:
  - 1.0rc1
  - '1.4.1'
references:
- type: WEB
  url: https://example.com/
"""


def bill(**versions: str) -> dict[str, Any]:
    """Packages of the image; one that begins with `host_` is of the building machine."""
    return {
        "components": [
            {
                "name": name.removeprefix("host_").replace("_", "-"),
                "version": version,
                "properties": [{"name": "BR_TYPE", "value": "host" if name.startswith("host_") else "target"}],
            }
            for name, version in versions.items()
        ]
    }


def judged(tmp_path: Path, made: dict[str, Any], text: str = ADVISORY, accepted: str = "") -> int:
    place = tmp_path / "feed/vulns/web-thing"
    place.mkdir(parents=True, exist_ok=True)
    (place / "PYSEC-2026-1.yaml").write_text(text)
    (tmp_path / "bill").write_text(json.dumps(made))
    (tmp_path / "accepted").write_text(accepted)
    return known_python.main([str(tmp_path / "bill"), str(tmp_path / "feed"), str(tmp_path / "accepted")], TODAY)


@pytest.mark.parametrize(
    ("version", "status"),
    [("0.9", 0), ("1.0rc1", 1), ("1.0", 1), ("1.4.1", 1), ("1.4.2", 0), ("1.10", 0), ("2", 1), ("2.1.0", 1),
     ("2.1.1", 0), ("9.9", 0)],
)  # fmt: skip
def test_a_version_is_named_where_the_advisory_covers_it(tmp_path: Path, version: str, status: int) -> None:
    assert judged(tmp_path, bill(python_web_thing=version, busybox="1.4.1")) == status


def test_it_is_told_by_the_name_of_its_cve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged(tmp_path, bill(python_web_thing="1.1", python_other="1"))
    assert capsys.readouterr().out.splitlines() == [
        "OPEN     CVE-2026-2000 10.0 python-web-thing 1.1",
        "known holes of 2 Python packages (advisories up to 2026-11-02): 1 found, 1 in the image and not accepted",
    ]


def test_what_is_accepted_withdrawn_or_only_on_the_building_machine_stops_nothing(tmp_path: Path) -> None:
    open_, line = bill(python_web_thing="1.1"), "CVE-2026-2000\t2026-12-24\tthe phone parses no such header\n"
    assert judged(tmp_path, open_) == 1
    assert judged(tmp_path, open_, accepted=line) == 0
    assert judged(tmp_path, open_, "withdrawn: 2026-11-03T00:00:00Z\n" + ADVISORY) == 0
    assert judged(tmp_path, bill(host_python_web_thing="1.1")) == 0


def test_where_buildroot_has_another_name_pypis_is_looked_up(tmp_path: Path) -> None:
    assert [name for _, name, *_ in known_python.packages(bill(python_alsaaudio="1", python_yarl="1"))] == [
        "pyalsaaudio", "yarl",
    ]  # fmt: skip


def test_an_old_feed_and_none_at_all_are_no_good_news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(tmp_path, bill(python_web_thing="9"), ADVISORY.replace("2026-11-02T", "2026-09-02T")) == 1
    assert "the newest advisory is of 2026-09-02: of newer versions it says nothing" in capsys.readouterr().out
    assert known_python.main([str(tmp_path / "bill"), str(tmp_path), str(tmp_path / "accepted")], TODAY) == 64
