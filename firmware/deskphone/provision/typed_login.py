"""The login a person typed for the provisioning server, kept over power-off until a server refuses it.

Law: one small file in the data folder, readable by the phone alone; what cannot be read is no login. It names its
origin, and is for no other.
"""

from __future__ import annotations

import json
from pathlib import Path

from deskphone.config.secret import Secret
from deskphone.files import read_small, write_whole
from deskphone.provision.address import Login

NAME = "provisioning.login"  # not .json: it is no section of the phone's store
LIMIT = 4_096  # bytes


def save(data: Path, login: Login) -> None:
    """Keep a login over power-off, in clear and readable by this user only; OSError where the folder cannot be
    written."""
    fields = {"origin": login.origin, "user": login.user, "password": login.password.reveal()}
    write_whole(data / NAME, json.dumps(fields).encode())


def load(data: Path) -> Login | None:
    """The login that is kept; None where there is none, or where it cannot be read."""
    try:
        fields = json.loads(read_small(data / NAME, LIMIT))
        return Login(str(fields["origin"]), str(fields["user"]), Secret(str(fields["password"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(data: Path) -> None:
    """Remove the login that a server refused; OSError where the folder cannot be written."""
    (data / NAME).unlink(missing_ok=True)
