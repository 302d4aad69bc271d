"""The schema: every setting, in one module a noun. The only place where a setting is defined.

Each module holds frozen dataclasses and nothing else; `deskphone.config.settings` puts them together. To add a setting
add one field in the module of its noun: the reader, the reference page and the command line follow.
"""
