"""SIP event extension."""
