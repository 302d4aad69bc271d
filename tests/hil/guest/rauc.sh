#!/bin/sh
# Debian's RAUC has its D-Bus service do everything, which the image's is built without. Here a bus lives as long as one
# command, with the service on it: both in the sandbox of whoever gave the command.
[ "$1" = info ] || exec dbus-run-session -- env DBUS_STARTER_BUS_TYPE=session /usr/lib/deskphone/rauc "$@"
exec /usr/lib/deskphone/rauc "$@"
