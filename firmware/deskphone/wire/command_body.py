"""A command of the core to the body of a SUBSCRIBE: the one door the user agent uses on the way out.

Law: chooses the builder by the command's type and decides nothing else.
"""

from __future__ import annotations

from deskphone.core.documents import Command, SetAgentState, SetDoNotDisturb, SetForwarding, SetHoteling
from deskphone.wire import asfeature, hoteling


def command_body(command: Command | None) -> tuple[str, bytes]:
    """(media type, body) of a SUBSCRIBE; ("", b"") for None, a refresh without a body (RFC 6665 section 4.1.2.2).

    WireError where the command's values do not fit together or XML cannot say them.
    """
    match command:
        case None:
            return "", b""
        case SetAgentState():
            return asfeature.CONTENT_TYPE, asfeature.set_agent_state(command.state, command.reason)
        case SetHoteling():
            return hoteling.CONTENT_TYPE, hoteling.set_hoteling(command.guest, command.proof)
        case SetDoNotDisturb():
            return asfeature.CONTENT_TYPE, asfeature.set_do_not_disturb(command.device, command.on)
        case SetForwarding():
            return asfeature.CONTENT_TYPE, asfeature.set_forwarding(
                command.device, command.type, command.active, command.target, command.rings
            )
