"""The CLI for who comes over the network: by SSH as a forced command, where a key has let them in; by Telnet with a
log-in of its own.

Law: nobody without the administrator's password or key; a wrong password costs PAUSE seconds and three of them the
connection, and the next ones wait: the phone counts them, by address and in all. What nobody types at for a session's
time ends. No file of the phone is written.
"""

from __future__ import annotations

import os
import shlex
import signal
import time
from collections.abc import Callable, Sequence

from deskphone.manage.cli.usage import Usage
from deskphone.manage.client import Phone
from deskphone.trust import password

PAUSE = 3.0  # seconds after a wrong password
TRIES = 3
PATIENCE = 60  # seconds for a log-in
KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")  # fmt: skip
IN_CLEAR = "Telnet is not encrypted: whoever is on the way reads what you type, the password as well. SSH is."


def log_in(phone: Phone, ask: Callable[[str], str], hidden: Callable[[str], str], say: Callable[[str], None]) -> bool:
    """Whether somebody is the administrator. ask, hidden: read an answer to a prompt, the second unseen. client.Gone"""
    signal.alarm(PATIENCE)
    say(IN_CLEAR)
    if not phone.ask("credentials")["password"]:
        say("No password is set: set one at the phone or at its web pages first.")
        return False
    address = os.environ.get("REMOTE_ADDR", "")  # of systemd.socket(5), Accept=yes
    for _ in range(TRIES):
        if (pause := phone.ask("guest_pause", address=address)["pause"]) > 0:
            say(f"too many wrong passwords: come back in {pause:.0f} s")
            return False
        user, word = ask("user: "), hidden("password: ")
        kept = phone.ask("credentials")
        good = password.matches(word, kept["password"]) and user == kept["user"]
        phone.ask("guest_tried", address=address, good=good)
        if good:
            return True
        time.sleep(PAUSE)
        say("wrong user or password")
    return False


def of_ssh() -> list[str]:
    """The command of `ssh phone COMMAND`, [] for none. Usage where its quotes do not end."""
    try:
        return shlex.split(os.environ.get("SSH_ORIGINAL_COMMAND", ""))
    except ValueError as error:
        raise Usage(str(error)) from error


def may(words: Sequence[str]) -> None:
    """Usage for a command that would write a file of the phone's machine."""
    rest = [word for word in words if word != "--json"]
    if rest[:1] == ["support"] and rest[1:] != ["-"]:
        raise Usage("expected: support - (the archive goes to standard output)")


def idle(seconds: int) -> None:
    """End the process (SIGALRM) when so many seconds go by; 0: no more."""
    signal.alarm(seconds)


def authorized_keys(setting: str) -> str:
    """The file of sshd(8) for the keys of `deskphone/ssh/keys`, each under `restrict` and a terminal; what is no key is
    left out."""
    lines = []
    for each in setting.split(","):
        kind, _, rest = each.strip().partition(" ")
        key, _, name = rest.strip().partition(" ")
        if kind in KEYS and key.isascii() and key.replace("+", "").replace("/", "").rstrip("=").isalnum():
            comment = "".join(char for char in name if char.isalnum() or char in " @._-")[:80]
            lines.append(f"restrict,pty {kind} {key} {comment}".rstrip())
    return "".join(f"{line}\n" for line in lines)
