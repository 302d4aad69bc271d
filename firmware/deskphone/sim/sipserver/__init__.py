"""A contact-centre SIP Server stand-in for the laptop: registrar, B2BUA, service numbers, customers, MWI.

Import `SipServer` to run it inside a test; `deskphone sipserver` runs it alone. Asyncio, loopback by default.
"""

from deskphone.sim.sipserver.farend import FarEnd
from deskphone.sim.sipserver.server import SipServer
from deskphone.sim.sipserver.settings import DN, Settings, Timers

__all__ = ["DN", "FarEnd", "Settings", "SipServer", "Timers"]
