"""deskphone: open firmware for a contact-centre desk phone."""

VERSION = "0.1.0"
