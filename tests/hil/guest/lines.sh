#!/bin/sh
# The two lines to the rig: the first is the copper's; the second a shell, one command a line, its output, then @@ and
# its status.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

stty raw -echo </dev/ttyS0
cat /dev/copper >/dev/ttyS0 &
while read -r command; do printf '%s\n' "$command" >/dev/copper; done </dev/ttyS0 &

stty raw -echo </dev/ttyS1
exec </dev/ttyS1 >/dev/ttyS1 2>&1
printf '@@0\n'
while read -r command; do
    status=0
    eval "$command" </dev/null || status=$?
    printf '\n@@%d\n' "$status"
done
poweroff -f
