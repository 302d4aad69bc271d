"""Room `config`: what may be set, read from text and written back; pure.

`schema/` is the only place a setting is defined. The file reader, the command line, the web form, the TR-069 tree and
docs/configuration.md are derived from it. Nothing here opens a file or a socket: bytes come in, text goes out.
"""
