"""Everything a SipServer knows, as one JSON object: what GET /server/state answers. No password is in it."""

from __future__ import annotations

from centre.server import SipServer


def state_of(server: SipServer) -> dict[str, object]:
    """The state now."""
    location, agent = server.location, server.agent
    return {
        "address": server.address,
        "life": str(server.life),
        "silent": agent.transport.silent,
        "dns": {
            dn: [{"contact": b.uri, "expires": b.seconds_left(), "user_agent": b.user_agent} for b in location.of(dn)]
            for dn in server.dns
        },
        "desktops": {dn: server.desktop(dn).to_dict() for dn in server.dns},
        "agents": [{"agent": login.id, "name": login.name, "dn": server.agents.where(login.id)}
                   for login in server.agents.roster.logins.values()],
        "reasons": server.reasons,
        "queues": [queue.to_dict() for queue in server.queues.values()],
        "calls": [call.to_dict() for call in server.calls.live],
        "conferences": [room.to_dict() for room in server.conferences if room.alive],
        "far_ends": [far_end.to_dict() for far_end in server.far_ends[-20:]],
        "subscriptions": [{"dn": s.dn, "event": s.event, "expires": s.seconds_left} for s in server.notifier.all],
        "counters": {
            "messages": len(server.bus.messages), "malformed": agent.malformed, "errors": agent.errors,
            "strays": agent.transactions.strays, "transactions": len(agent.transactions),
            "wrong_passwords": server.gate.failures, "wrong_agent_passwords": server.hoteling.failures,
            "dropped": agent.dropped,
        },
    }  # fmt: skip


def site_of(server: SipServer) -> dict[str, object]:
    """One of the sites, shortly: what became of it, how many phones are there, and which agents."""
    seats = [server.agents.to_dict(seat) for seat in server.agents.seats.values() if seat.agent]
    phones = sum(bool(server.location.of(dn)) for dn in server.dns)
    calls = sum(any(leg.label in server.dns for leg in call.legs) for call in server.calls.live)
    return {"address": server.address, "life": str(server.life), "phones": phones, "agents": seats, "calls": calls}
