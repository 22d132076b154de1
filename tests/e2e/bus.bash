# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests with a session bus share; loaded after helper.bash.

# find_bus: skips the test where there can be none.
find_bus() { command -v dbus-daemon >/dev/null || skip 'dbus-daemon is missing'; }

# bus_start: starts a session bus that can start no service.
bus_start() {
    cat >bus.conf <<XML
<busconfig>
  <type>session</type>
  <listen>unix:path=$PWD/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
XML
    rm -f bus.ready
    mkfifo bus.ready
    dbus-daemon --config-file=bus.conf --nofork --print-address >bus.ready 2>bus.log 3>&- &
    background+=($!)
    IFS= read -r DBUS_SESSION_BUS_ADDRESS <bus.ready || fail "$(<bus.log)"
    export DBUS_SESSION_BUS_ADDRESS
}
