"""A command of the core to the body of a SUBSCRIBE: the one door the user agent uses on the way out.

Law: chooses the builder by the command's type and decides nothing else.
"""

from __future__ import annotations

from deskphone.core.documents import Command, SetAgentState, SetDoNotDisturb, SetForwarding, SetHoteling
from deskphone.wire import asfeature, hoteling


def command_body(command: Command | None) -> tuple[str, bytes]:
    """(content type, body); ("", b"") for None, a plain refresh. WireError where the command makes no sense."""
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
