"""A bill of materials with known holes stops the build, in the form that Buildroot's cve-check leaves it in."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import known_cves
import pytest

TODAY = datetime.date(2026, 11, 29)


def bill(*vulnerabilities: dict[str, Any]) -> dict[str, Any]:
    def component(name: str, kind: str) -> dict[str, Any]:
        return {"bom-ref": name, "name": name, "version": "1.2", "properties": [{"name": "BR_TYPE", "value": kind}]}

    parts = [component("dnsd", "target"), component("host-tar", "host")]
    return {"components": parts, "vulnerabilities": list(vulnerabilities)}


def hole(cve: str, *scores: float, ref: str = "dnsd", state: str = "exploitable") -> dict[str, Any]:
    ratings = [{"method": "CVSSv31", "score": score} for score in scores]
    return {"id": cve, "ratings": ratings, "analysis": {"state": state}, "affects": [{"ref": ref}]}


def judged(tmp_path: Path, made: dict[str, Any], accepted: str = "", level: str = "7") -> int:
    (tmp_path / "bill").write_text(json.dumps(made))
    (tmp_path / "accepted").write_text(accepted)
    return known_cves.main([str(tmp_path / "bill"), level, str(tmp_path / "accepted")], TODAY)


def test_a_hole_of_the_level_stops_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(tmp_path, bill(hole("CVE-2026-1000", 5.0, 7.0), hole("CVE-2026-1001", 6.9))) == 1
    assert capsys.readouterr().out.splitlines() == [
        "OPEN     CVE-2026-1000  7.0 dnsd 1.2",
        "below    CVE-2026-1001  6.9 dnsd 1.2",
        "known CVEs: 2 found, 1 of 7.0 or more in the image and not accepted",
    ]


def test_what_nobody_has_judged_yet_stops(tmp_path: Path) -> None:
    assert judged(tmp_path, bill(hole("CVE-2026-1000"))) == 1


@pytest.mark.parametrize("state", ["resolved", "resolved_with_pedigree", "in_triage"])
def test_what_is_mended_or_was_judged_by_buildroot_stops_nothing(tmp_path: Path, state: str) -> None:
    assert judged(tmp_path, bill(hole("CVE-2026-1000", 9.8, state=state))) == 0


def test_a_tool_of_the_build_stops_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, bill(hole("CVE-2026-1000", 9.8, ref="host-tar"))) == 0


def test_what_is_accepted_stops_nothing_until_its_last_day(tmp_path: Path) -> None:
    made = bill(hole("CVE-2026-1000", 9.8))
    assert judged(tmp_path, made, "# words\nCVE-2026-1000\t2026-11-29\tnot compiled in\n") == 0
    assert judged(tmp_path, made, "CVE-2026-1000\t2026-11-28\tnot compiled in\n") == 1


@pytest.mark.parametrize("line", ["CVE-2026-1000", "CVE-2026-1000\t2026-13-01\twhy", "CVE-2026-1000\t2027-01-01\t"])
def test_a_list_of_another_form_is_an_error(tmp_path: Path, line: str) -> None:
    assert judged(tmp_path, bill(), line) == 64


def test_the_projects_own_list_can_be_read() -> None:
    text = (Path(known_cves.__file__).parents[1] / "cves-accepted.tsv").read_text()
    known_cves.accepted(text, TODAY)
