"""`make image-check`: whether the recipe is sound, in seconds and without building anything.

Without a Buildroot tree: recipes, hashes, versions, board files, scripts. With BUILDROOT=DIR also what Buildroot makes
of the configuration, and its own check-package; with SOURCES=1 whether all sources are in the download folder.
It prints what it did and what it left out; the exit code is the number of findings, at most 100.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import asked
import kernel_check
import recipe
from check_boards import (
    board_files_agree,
    board_has_firmware,
    each_model_names_its_sound_cards,
    the_firmware_sets_up_what_is_wired,
    what_the_drivers_open_is_allowed,
    what_the_firmware_loads_is_on_the_card,
)
from check_system import (
    a_start_that_fails_comes_to_an_end,
    buildroot_leaves_the_kernel_as_asked,
    limits_of_units_are_kept,
    partitions_are_those_of_the_card,
    security_modules_are_in_force,
    the_development_card_has_what_bring_up_asks_for,
    the_supplicant_finds_its_driver,
)
from recipe import BOARDS, IMAGE, ROOT, kernel_files

Findings = list[str]
DHCP_UNITS = [
    path for path in sorted((ROOT / "firmware").glob("[dl]*/*")) if path.parent.name in ("dhcp", "lan")
    and path.suffix in (".service", ".path")
]  # fmt: skip
BOARD_UNITS = sorted((ROOT / "board").glob("*/*.service"))


class LeftOut(Exception):
    """The check could not be made here; the text says what is missing."""


def every_package_is_complete() -> Findings:
    """Each has .mk, .hash and Config.in, is sourced, and pins version and SHA-256 of its source and its licence."""
    said: Findings = []
    menu = (IMAGE / "Config.in").read_text()
    for folder in sorted(path for path in (IMAGE / "package").iterdir() if path.is_dir()):
        here = folder.relative_to(ROOT)
        missing = [n for n in (f"{folder.name}.mk", f"{folder.name}.hash", "Config.in") if not (folder / n).is_file()]
        if missing:
            said.append(f"{here}: expected {', '.join(missing)}")
            continue
        if f"package/{folder.name}/Config.in" not in menu:
            said.append(f"image/Config.in: expected a line for {folder.name}")
        package = recipe.package(folder)
        wanted = [package.value("LICENSE_FILES")]
        if package.value("SITE_METHOD") != "local":
            wanted.append(package.value("SOURCE"))
        have = {file for _, file in package.hashes}
        said += [f"{here}/{folder.name}.hash: expected a sha256 of {file!r}" for file in wanted if file not in have]
        if not package.value("VERSION") or not package.value("LICENSE"):
            said.append(f"{here}/{folder.name}.mk: expected a version and a licence")
    return said


def versions_are_the_laptops() -> Findings:
    """Where the lock file has the package, our version and our source archive are among its hashes."""
    said: Findings = []
    lock = recipe.locked(ROOT / "firmware" / "requirements.lock")
    ours = {package.name: package for package in recipe.packages()}
    for name, (version, hashes) in lock.items():
        package = ours.get(recipe.buildroot_name(name))
        if package is None:
            continue
        if package.value("VERSION") != version:
            said.append(f"{package.name}: version {package.value('VERSION')}, the laptop's lock file says {version}")
        elif not any(sha in hashes for sha, file in package.hashes if file == package.value("SOURCE")):
            said.append(f"{package.name}.hash: expected one of the hashes in firmware/requirements.lock")
    project = tomllib.loads((ROOT / "firmware" / "pyproject.toml").read_text())["project"]["version"]
    if ours["deskphone"].value("VERSION") != project:
        said.append(f"deskphone.mk: expected version {project} of firmware/pyproject.toml")
    return said


def the_image_has_what_the_program_imports() -> Findings:
    """Each package of requirements.in is selected by deskphone's Config.in, or said not to be needed."""
    said: Findings = []
    menu = (IMAGE / "package/deskphone/Config.in").read_text()
    for line in (ROOT / "firmware/requirements.in").read_text().splitlines():
        name = recipe.normalised(re.split(r"[=<>!~\[ #]", line.strip(), maxsplit=1)[0])
        if not name or name in recipe.NOT_IN_THE_IMAGE:
            continue
        symbol = "BR2_PACKAGE_" + recipe.buildroot_name(name).upper().replace("-", "_")
        if f"select {symbol} " not in menu:
            said.append(f"image/package/deskphone/Config.in: expected 'select {symbol}' for {name}")
    return said


def pjproject_is_the_laptops() -> Findings:
    """Commit, flags and commands of the SIP stack are those of firmware/native."""
    native = tomllib.loads((ROOT / "firmware/native/pjproject.toml").read_text())
    package = recipe.package(IMAGE / "package" / "deskphone-pjproject")
    text = (package.folder / "deskphone-pjproject.mk").read_text()
    binding = (package.folder / "binding.make").read_text()
    said: Findings = []
    commit = native["upstream"]["commit"]
    if package.value("VERSION") != commit:
        said.append(f"deskphone-pjproject.mk: expected version {commit}")
    if package.value("SOURCE") not in [name for _, name in package.hashes]:
        said.append(f"deskphone-pjproject.hash: expected a SHA-256 of {package.value('SOURCE')}")
    for name, where, place in (("libraries", text, "the .mk"), ("binding", binding, "binding.make"),
                               ("extension", binding, "binding.make")):  # fmt: skip
        flags = " ".join(native["flags"][name])
        if flags not in where:
            said.append(f"deskphone-pjproject: expected the {name} flags {flags!r} in {place}")
    if "configure-options.txt" not in text or "config_site.h" not in text:
        said.append("deskphone-pjproject.mk: expected configure-options.txt and config_site.h of firmware/native")
    return said


def kernel_symbols_exist() -> Findings:
    """Each kernel symbol asked for is in kernel/symbols.tsv, for the board's tree; with KERNEL=DIR in the tree, too."""
    rows = [line.split("\t") for line in (IMAGE / "kernel/symbols.tsv").read_text().splitlines() if line[0] != "#"]
    known = {name: tree for name, tree, _ in rows}
    said: Findings = []
    for board in BOARDS:
        trees = ("linux", "raspberrypi") if board_has_firmware(board) else ("linux",)
        names = [name for name, tree in known.items() if tree in trees]
        said += [f"{board}: {line} (kernel/symbols.tsv)" for line in kernel_check.unknown(names, kernel_files(board))]
    if kernel := os.environ.get("KERNEL"):
        declared = kernel_check.declarations(Path(kernel))
        files = [IMAGE / "kernel/raspberrypi.fragment", IMAGE / "kernel/common.fragment"]
        said += kernel_check.unknown(declared, files)
        said += [f"kernel/symbols.tsv: {name}: not declared in {path} of {kernel}" for name, _, path in rows
                 if path not in declared.get(name, [path])]  # fmt: skip
    return said


def modules_can_be_read() -> Findings:
    """Each board says how its modules are compressed, and what reads them is built accordingly."""
    said: Findings = []
    for board in BOARDS:
        kernel: dict[str, tuple[str, int]] = {}
        for path in kernel_files(board):
            kernel |= asked.symbols(path)
        if "CONFIG_MODULE_COMPRESS" not in kernel:
            said.append(
                f"{board}: CONFIG_MODULE_COMPRESS: expected a word in the kernel's fragments (defconfig says xz)"
            )
        buildroot = asked.symbols(ROOT / "buildroot.config") | asked.symbols(ROOT / f"board/{board}/buildroot.config")
        assumed = {"CONFIG_MODULES": ("y", 0)} | kernel
        said += [f"{board}: {line}" for line in kernel_check.modules_agree(assumed, buildroot)]
    return said


def users_are_the_same() -> Findings:
    """The user and groups made at build time are those of the sysusers file, with fixed numbers."""
    text = (IMAGE / "package/deskphone/deskphone.mk").read_text()
    sysusers = (ROOT / "firmware/systemd/deskphone.sysusers.conf").read_text()
    said: Findings = []
    user = re.search(r"^\tdeskphone (\d+) deskphone (\d+) \* (\S+) - (\S+)", text, re.MULTILINE)
    if user is None or user[1] != user[2]:
        return ["deskphone.mk: expected the user deskphone with a fixed number"]
    for name in re.findall(r"^u (\S+)", sysusers, re.MULTILINE):
        if not re.search(rf"^\t{name} (\d+) {name} \1 \* - (-|/bin/sh) ", text, re.MULTILINE):
            said.append(f"deskphone.mk: expected the user {name} with a fixed number, without a home")
    if re.search(r"^u \S+ \S+ \"[^\"]*\" [^-\n]", sysusers, re.MULTILINE):
        said.append(
            "deskphone.sysusers.conf: expected users without a home: what lies in one is run by what starts there"
        )
    groups = set(re.findall(r"^m deskphone ([\w-]+)", sysusers, re.MULTILINE))
    if set(user[4].split(",")) != groups:
        said.append(f"deskphone.mk: groups {user[4]}, expected {','.join(sorted(groups))} of deskphone.sysusers.conf")
    for group in re.findall(r"^g (\w+)", sysusers, re.MULTILINE):
        if not re.search(rf"^\t- - {group} \d+ ", text, re.MULTILINE):
            said.append(f"deskphone.mk: expected the group {group} with a fixed number")
    return said


def presets_name_what_is_there() -> Findings:
    """Every unit of ours that can be enabled is named in the preset, and the preset ends with `disable *`."""
    units = IMAGE / "rootfs/usr/lib/systemd/system"
    preset = (IMAGE / "rootfs/usr/lib/systemd/system-preset/50-deskphone.preset").read_text().splitlines()
    said: Findings = []
    named = {line.split()[1] for line in preset if line.startswith("enable ")}
    for unit in sorted([*units.glob("*.*"), ROOT / "firmware/systemd/deskphone.service", *DHCP_UNITS]):
        if unit.is_file() and "[Install]" in unit.read_text() and unit.name not in named:
            said.append(f"50-deskphone.preset: expected a line for {unit.name}")
    if not preset or preset[-1] != "disable *":
        said.append("50-deskphone.preset: expected 'disable *' as its last line")
    return said


def no_unit_runs_code_of_its_user() -> Findings:
    """Python is isolated in every unit of ours: `python3 -I`, or the environment that keeps homes and folders out."""
    said: Findings = []
    folders = (
        IMAGE / "rootfs/usr/lib/systemd/system",
        ROOT / "firmware/systemd",
        ROOT / "firmware/dhcp",
        ROOT / "firmware/lan",
        ROOT / "board",
    )
    for unit in sorted(path for folder in folders for path in folder.rglob("*.service")):
        text = unit.read_text()
        for program, options in re.findall(r"^Exec\w+=[-+!@:]*(\S+)(.*)$", text, re.MULTILINE):
            isolated = re.match(r" -\w*I", options) or "Environment=PYTHONNOUSERSITE=1 PYTHONSAFEPATH=1" in text
            if program in ("/usr/bin/python3", "/usr/bin/deskphone") and not isolated:
                said.append(f"{unit.relative_to(ROOT)}: expected python3 -I, or PYTHONNOUSERSITE=1 PYTHONSAFEPATH=1")
    return said


SSH_LAW = (
    "AuthenticationMethods publickey", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
    "PermitRootLogin no", "PermitEmptyPasswords no", "UsePAM no", "DisableForwarding yes", "PermitUserRC no",
    "AllowUsers deskphone-manage",
    "ForceCommand /usr/bin/deskphone cli --control /run/deskphone/control --ssh",
)  # fmt: skip


def nobody_logs_in() -> Findings:
    """The product has no login and no password; SSH is for the command line, by key, and for nothing else."""
    said: Findings = []
    common = asked.symbols(ROOT / "buildroot.config")
    for symbol in ("BR2_TARGET_ENABLE_ROOT_LOGIN", "BR2_TARGET_GENERIC_GETTY", "BR2_TARGET_GENERIC_REMOUNT_ROOTFS_RW"):
        if common.get(symbol, ("", 0))[0] != "n":
            said.append(f"buildroot.config: expected '# {symbol} is not set'")
    for path in (ROOT / "buildroot.config", *(ROOT / "board" / board / "buildroot.config" for board in BOARDS)):
        for symbol in asked.symbols(path):
            if re.search(r"DROPBEAR|TELNET|ROOT_PASSWD", symbol):
                said.append(f"{path.relative_to(ROOT)}: {symbol}: only image/dev.config may")
    config = (IMAGE / "rootfs/usr/lib/deskphone/sshd_config").read_text().splitlines()
    said += [f"sshd_config: expected '{line}'" for line in SSH_LAW if line not in config]
    return said


def scripts_are_clean() -> Findings:
    """shellcheck over every shell script of the image."""
    if not shutil.which("shellcheck"):
        raise LeftOut("shellcheck (Debian package shellcheck)")
    scripts = sorted(map(str, IMAGE.rglob("*.sh")))
    result = subprocess.run(["shellcheck", "--format=gcc", *scripts], capture_output=True, text=True, check=False)
    return result.stdout.splitlines()


def units_are_clean() -> Findings:
    """systemd's own reading of our units, without those that only the image has."""
    if not shutil.which("systemd-analyze"):
        raise LeftOut("systemd-analyze verify (Debian package systemd)")
    said: Findings = []
    with tempfile.TemporaryDirectory() as folder:
        for unit in (*(IMAGE / "rootfs/usr/lib/systemd/system").glob("*.*"), *DHCP_UNITS, *BOARD_UNITS):
            if unit.is_file():
                # The programs are the image's: any program will do here.
                text = re.sub(r"(?m)^(Exec\w+=-?)\S+", r"\g<1>/bin/true", unit.read_text())
                (Path(folder) / unit.name).write_text(text)
        units = sorted(str(path) for path in Path(folder).iterdir())
        command = ["systemd-analyze", "verify", "--man=no", *units]
        environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"}
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        said += [line.replace(f"{folder}/", "") for line in result.stderr.splitlines() if folder in line]
    return said


def buildroot_keeps_every_line() -> Findings:
    """Each line asked for is what Buildroot makes of it, for each board and the development variant."""
    said: Findings = []
    for board in BOARDS:
        for variant in ("", "dev"):
            with tempfile.TemporaryDirectory() as out:
                environment = {**os.environ, "OUT": out, "STOP_AFTER": "defconfig", "VARIANT": variant}
                result = subprocess.run([str(IMAGE / "scripts/build.sh"), board], capture_output=True, text=True,
                                        env=environment, check=False)  # fmt: skip
            if result.returncode:
                said += [f"{board} {variant}: {line}" for line in result.stderr.splitlines()]
    return said


def check_package_is_quiet() -> Findings:
    """Buildroot's own check of our packages."""
    tool = Path(os.environ["BUILDROOT"]) / "utils/check-package"
    files = [
        path for path in (IMAGE / "package").rglob("*") if path.suffix in (".mk", ".hash") or path.name == "Config.in"
    ]
    files += [IMAGE / "Config.in", IMAGE / "external.mk"]
    result = subprocess.run(
        [sys.executable, str(tool), "-b", *map(str, files)], capture_output=True, text=True, check=False
    )
    if "No module named" in result.stderr:
        raise LeftOut(f"check-package ({result.stderr.splitlines()[-1]}: pip install python-magic flake8)")
    if result.returncode == 0:
        return []
    return [line.replace(f"{ROOT}/", "") for line in (result.stdout + result.stderr).splitlines() if line]


def sources_are_at_hand() -> Findings:
    """`make source` of each board: all archives are in the download folder, or can be had, with the right hashes."""
    said: Findings = []
    for board in BOARDS:
        with tempfile.TemporaryDirectory() as out:
            environment = {**os.environ, "OUT": out, "TARGETS": "source"}
            result = subprocess.run([str(IMAGE / "scripts/build.sh"), board], capture_output=True, text=True,
                                    env=environment, check=False)  # fmt: skip
        if result.returncode:
            said += [f"{board}: {line}" for line in (result.stdout + result.stderr).splitlines()[-5:]]
    return said


ALWAYS: tuple[Callable[[], Findings], ...] = (
    every_package_is_complete, versions_are_the_laptops, the_image_has_what_the_program_imports,
    pjproject_is_the_laptops, board_files_agree, the_firmware_sets_up_what_is_wired,
    what_the_firmware_loads_is_on_the_card, each_model_names_its_sound_cards,
    what_the_drivers_open_is_allowed, kernel_symbols_exist, buildroot_leaves_the_kernel_as_asked, modules_can_be_read,
    limits_of_units_are_kept, the_supplicant_finds_its_driver,
    security_modules_are_in_force, a_start_that_fails_comes_to_an_end, partitions_are_those_of_the_card,
    the_development_card_has_what_bring_up_asks_for,
    users_are_the_same, no_unit_runs_code_of_its_user, presets_name_what_is_there, nobody_logs_in,
    scripts_are_clean, units_are_clean,
)  # fmt: skip
WITH_BUILDROOT: tuple[Callable[[], Findings], ...] = (buildroot_keeps_every_line, check_package_is_quiet)


def version_table(buildroot: Path) -> list[str]:
    """The packages Buildroot has in another version than the laptop, as lines of a table."""
    lines = []
    for name, (version, _) in sorted(recipe.locked(ROOT / "firmware/requirements.lock").items()):
        folder = buildroot / "package" / recipe.buildroot_name(name)
        if name in recipe.NOT_IN_THE_IMAGE:
            lines.append(f"  {name:18} {version:10} not in the image: {recipe.NOT_IN_THE_IMAGE[name]}")
        elif folder.is_dir():
            have = recipe.package(folder).value("VERSION")
            if have != version:
                lines.append(f"  {name:18} {version:10} {have:10}")
    return lines


def main() -> int:
    """Run the checks, print each with its findings, and what was left out."""
    checks = [*ALWAYS]
    without: list[str] = []
    buildroot = os.environ.get("BUILDROOT")
    if buildroot:
        checks += WITH_BUILDROOT
    else:
        without.append("the defconfig round trip and check-package: name a Buildroot tree with BUILDROOT=DIR")
    if buildroot and os.environ.get("SOURCES"):
        checks.append(sources_are_at_hand)
    else:
        without.append("make source: BUILDROOT=DIR SOURCES=1, with a filled download folder or the network")
    total = 0
    for check in checks:
        name = check.__name__.replace("_", " ")
        try:
            found = check()
        except LeftOut as missing:
            without.append(str(missing))
            print(f"left {name}")
            continue
        total += len(found)
        print(f"{'FAIL' if found else 'ok':4} {name}")
        for line in found:
            print(f"     {line}")
    if buildroot:
        print("Versions that differ: package, laptop, Buildroot")
        print("\n".join(version_table(Path(buildroot))))
    for what in without:
        print(f"left out: {what}")
    return min(total, 100)


if __name__ == "__main__":
    sys.exit(main())
