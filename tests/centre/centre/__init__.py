"""A contact-centre SIP Server stand-in for a laptop and for tests: registrar, B2BUA, agents, a queue, customers.

Law: imports nothing of the phone, which knows this server by SIP alone. Import `SipServer` to run it inside a test;
`deskphone-centre` runs it alone. Asyncio, loopback by default.
"""

from centre.farend import FarEnd
from centre.server import SipServer
from centre.settings import DN, Settings, Timers

__all__ = ["DN", "FarEnd", "Settings", "SipServer", "Timers"]
