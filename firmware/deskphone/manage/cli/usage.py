"""A command of the CLI that is written wrongly."""


class Usage(Exception):
    """The text says how it is written."""
