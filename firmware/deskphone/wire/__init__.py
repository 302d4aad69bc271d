"""Hostile bytes in, frozen values or a WireError out; the table in README.md says which bytes go where."""
