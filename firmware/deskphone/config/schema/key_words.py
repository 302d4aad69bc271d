"""The words for what a key does: softkeys, arrows, digits held down.

Law: as words.py.
"""

from __future__ import annotations

from enum import StrEnum


class KeyFunction(StrEnum):
    """What a softkey or a navigation key does."""

    NONE = "NONE"
    DIRECTORY = "DIRECTORY"
    MISSED_CALLS = "MISSED_CALLS"
    RECEIVED_CALLS = "RECEIVED_CALLS"
    DIALED_CALLS = "DIALED_CALLS"
    CALL_LOG = "CALL_LOG"
    FORWARD_ALL = "FORWARD_ALL"
    DND_ALL = "DND_ALL"
    REDIAL = "REDIAL"
    VOICE_MAIL = "VOICE_MAIL"
    MENU = "MENU"
    SPEED_DIAL = "SPEED_DIAL"
    PSK = "PSK"
    HOLD = "HOLD"
    TRANSFER = "TRANSFER"
    BLIND_TRANSFER = "BLIND_TRANSFER"
    CONF = "CONF"
    NEW_CALL = "NEW_CALL"
    END = "END"


class FunctionalKey(StrEnum):
    """What a functional key is."""

    EMPTY = "EMPTY"
    SPEED_DIAL = "SPEED_DIAL"
    SPEED_DIAL_BLF = "SPEED_DIAL_BLF"
    EVENT = "EVENT"
    SCA = "SCA"
    PAGING = "PAGING"
    SIP_ACCOUNT = "SIP_ACCOUNT"
    BOSS = "BOSS"
    ADMIN = "ADMIN"
