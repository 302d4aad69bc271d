"""A configuration line that did not become what was asked for is named with its file and line."""

from __future__ import annotations

from pathlib import Path

import asked


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_all_as_asked_says_nothing(tmp_path: Path) -> None:
    got = written(tmp_path / ".config", 'BR2_a=y\nBR2_b="x y"\n# BR2_c is not set\n')
    want = written(tmp_path / "want", '# words\nBR2_a=y\n\nBR2_b="x y"\n# BR2_c is not set\n')
    assert asked.differences(got, [want]) == []


def test_a_line_that_was_dropped_is_named_by_file_and_line(tmp_path: Path) -> None:
    got = written(tmp_path / ".config", "BR2_a=y\n")
    want = written(tmp_path / "want", "BR2_a=y\n# words\nBR2_gone=y\n")
    assert asked.differences(got, [want]) == [f"{want}:3: BR2_gone: expected y, got n"]


def test_a_line_that_came_out_otherwise_is_named(tmp_path: Path) -> None:
    got = written(tmp_path / ".config", "CONFIG_SPI=m\nCONFIG_DRM=y\n")
    want = written(tmp_path / "want", "CONFIG_SPI=y\n# CONFIG_DRM is not set\n")
    assert [line.split(": ", 1)[1] for line in asked.differences(got, [want])] == [
        "CONFIG_SPI: expected y, got m",
        "CONFIG_DRM: expected n, got y",
    ]


def test_a_symbol_that_does_not_exist_counts_as_not_set(tmp_path: Path) -> None:
    got = written(tmp_path / ".config", "")
    assert asked.differences(got, [written(tmp_path / "want", "# CONFIG_OLD is not set\n")]) == []


def test_the_last_file_has_the_last_word(tmp_path: Path) -> None:
    got = written(tmp_path / ".config", "BR2_login=y\n")
    common = written(tmp_path / "common", "# BR2_login is not set\n")
    variant = written(tmp_path / "variant", "BR2_login=y\n")
    assert asked.differences(got, [common, variant]) == []
    assert asked.differences(got, [variant, common]) == [f"{common}:1: BR2_login: expected n, got y"]
