"""Real far ends from Debian: Kamailio, baresip and SIPp against the phone's own process on loopback."""
