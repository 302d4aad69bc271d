"""Asterisk 22 as a foreign judge: instances on loopback, told by AMI, heard by tone, seen by its SIP log."""
