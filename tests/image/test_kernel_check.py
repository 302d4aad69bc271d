"""What the image asks of its kernel is there: symbols by name, and modules that depmod and kmod can read."""

from __future__ import annotations

from pathlib import Path

import asked
import kernel_check
import pytest


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two Kconfig files of a kernel."""
    (tmp_path / "drivers").mkdir()
    (tmp_path / "Kconfig").write_text("menuconfig MODULES\n\tbool\n\nconfig SPI\n\tbool\n")
    (tmp_path / "drivers/Kconfig.platform").write_text("if X86\n  config GPIOMEM\n\ttristate\nendif\n")
    return tmp_path


def test_a_symbol_under_its_old_name_is_named_with_its_line(tree: Path) -> None:
    asks = tree / "fragment"
    asks.write_text("CONFIG_SPI=y\n# CONFIG_OLD_NAME is not set\nCONFIG_GPIOMEM=y\n")
    assert kernel_check.unknown(kernel_check.declarations(tree), [asks]) == [
        f"{asks}:2: CONFIG_OLD_NAME: no Kconfig of this kernel declares it"
    ]
    assert kernel_check.main(["names", str(tree), str(asks)]) == 1
    asks.write_text("CONFIG_SPI=y\nCONFIG_MODULES=y\n")
    assert kernel_check.main(["names", str(tree), str(asks)]) == 0


def config(path: Path, *lines: str) -> dict[str, tuple[str, int]]:
    path.write_text("\n".join(lines) + "\n")
    return asked.symbols(path)


@pytest.mark.parametrize(
    ("kernel", "buildroot", "missing"),
    [
        (("CONFIG_MODULES=y",), (), ()),
        (("CONFIG_MODULES=y", "CONFIG_MODULE_COMPRESS=y", "CONFIG_MODULE_COMPRESS_XZ=y"),
         ("BR2_PACKAGE_XZ=y",), ("BR2_PACKAGE_HOST_KMOD_XZ",)),
        (("CONFIG_MODULES=y", "CONFIG_MODULE_COMPRESS_ZSTD=y"), (), ("BR2_PACKAGE_ZSTD", "BR2_PACKAGE_HOST_KMOD_ZSTD")),
        (("CONFIG_MODULES=y", "CONFIG_MODULE_COMPRESS=y", "CONFIG_MODULE_COMPRESS_GZIP=y"),
         ("BR2_PACKAGE_ZLIB=y", "BR2_PACKAGE_HOST_KMOD_GZ=y"), ()),
        (("# CONFIG_MODULES is not set", "CONFIG_MODULE_COMPRESS_XZ=y"), (), ()),
    ],
)  # fmt: skip
def test_compressed_modules_need_their_readers(
    tmp_path: Path, kernel: tuple[str, ...], buildroot: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    said = kernel_check.modules_agree(config(tmp_path / "k", *kernel), config(tmp_path / "b", *buildroot))
    assert [line.split("expected ")[1].split("=")[0] for line in said] == list(missing)


def test_modules_that_depmod_could_not_read_stop_the_build(tmp_path: Path) -> None:
    modules = tmp_path / "lib/modules/6.12.1"
    (modules / "kernel").mkdir(parents=True)
    (modules / "kernel/brcmfmac.ko.xz").touch()
    (modules / "modules.dep").write_text("")
    assert kernel_check.main(["installed", str(tmp_path)]) == 1
    (modules / "modules.dep").write_text("kernel/brcmfmac.ko.xz: kernel/cfg80211.ko.xz\n")
    assert kernel_check.main(["installed", str(tmp_path)]) == 0
    (modules / "kernel/cfg80211.ko").touch()
    assert kernel_check.installed(tmp_path) == ["6.12.1: 1 of 2 modules are not in modules.dep, as kernel/cfg80211.ko"]
