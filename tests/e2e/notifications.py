# SPDX-License-Identifier: GPL-2.0-or-later
"""A desktop's notification service for tests.

usage: notifications.py serve FILE [silent|plain]
                                     takes org.freedesktop.Notifications, says "ready", and appends each notice to FILE, as a
                                     line of JSON: id, replaces, title, body, actions (pairs of key and label); silent: it never
                                     answers; plain: it reads no markup
       notifications.py click ID KEY   does what a person does who presses a button of that notice
"""

import json
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


class Service(dbus.service.Object):
    def __init__(self, bus, path, manner):
        super().__init__(bus, PATH)
        self.path, self.is_silent, self.last = path, manner == "silent", 0
        self.capabilities = ["actions", "body"] + ([] if manner == "plain" else ["body-markup"])

    @dbus.service.method(NAME, in_signature="", out_signature="as", async_callbacks=("answer", "refuse"))
    def GetCapabilities(self, answer, refuse):
        if not self.is_silent:
            answer(self.capabilities)

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u", async_callbacks=("answer", "refuse"))
    def Notify(self, application, replaces, icon, title, body, actions, hints, timeout, answer, refuse):
        self.last = int(replaces) or self.last + 1
        notice = {"id": self.last, "replaces": int(replaces), "title": title, "body": body}
        notice["actions"] = dict(zip(actions[::2], actions[1::2]))
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(notice) + "\n")
        if not self.is_silent:
            answer(dbus.UInt32(self.last))

    @dbus.service.signal(NAME, signature="us")
    def ActionInvoked(self, notice, key):
        pass

    @dbus.service.method("org.podflattr.Test", in_signature="us", out_signature="")
    def Click(self, notice, key):
        self.ActionInvoked(notice, key)


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
if sys.argv[1] == "click":
    service = dbus.Interface(bus.get_object(NAME, PATH), "org.podflattr.Test")
    service.Click(dbus.UInt32(sys.argv[2]), sys.argv[3])
else:
    name = dbus.service.BusName(NAME, bus)
    service = Service(bus, sys.argv[2], "".join(sys.argv[3:]))
    print("ready", flush=True)
    GLib.MainLoop().run()
