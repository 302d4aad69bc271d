"""The panel: a web page that looks and works like the desk phone, and the HTTP interface tools drive it by.

Law: a driver. It turns requests into the events copper would post, and the phone's outputs into what a
browser shows and sounds. It decides nothing about calls.
"""

from deskphone.sim.panel.server import Panel, Snapshot
from deskphone.sim.panel.state import screen_json
from deskphone.sim.panel.voice import AudioBridge

__all__ = ["AudioBridge", "Panel", "Snapshot", "screen_json"]
