# SPDX-License-Identifier: GPL-2.0-or-later
"""A keyring for tests: as much of the Secret Service interface as a client needs, with its secrets in a file.

usage: keyring.py FILE [locked] [dismiss] [odd] [die] [bare] [silent]

Takes org.freedesktop.secrets on the session bus, says "ready", and serves until it is ended. FILE gets the items as JSON
whenever they change. With `locked`, the collection is locked until a prompt was shown; with `dismiss`, the person at the
prompt says no; with `odd`, the prompt's answer has another type than the interface's; with `die`, the
keyring ends while it asks; with `bare`, there is no collection; with `silent`, searches are answered after SIGUSR1 only. SIGUSR2 locks
or unlocks it.
"""

import json
import os
import signal
import sys

import dbus
import dbus.lowlevel
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

BASE = "/org/freedesktop/secrets"
COLLECTION = BASE + "/collection/test"
SERVICE_INTERFACE = "org.freedesktop.Secret.Service"
COLLECTION_INTERFACE = "org.freedesktop.Secret.Collection"
ITEM_INTERFACE = "org.freedesktop.Secret.Item"
PROMPT_INTERFACE = "org.freedesktop.Secret.Prompt"
NONE = dbus.ObjectPath("/")


class Keyring:
    def __init__(self, bus, path, words):
        self.bus, self.path = bus, path
        self.locked, self.dismiss, self.odd, self.die, self.bare, self.silent = (
            word in words for word in ("locked", "dismiss", "odd", "die", "bare", "silent")
        )
        self.items, self.count, self.unanswered = {}, 0, []
        self.load()
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR1, self.speak)
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR2, self.turn)

    def speak(self):
        self.silent = False
        for answer in self.unanswered:
            answer()
        self.unanswered = []
        return True

    def turn(self):
        self.locked = not self.locked
        return True

    def load(self):
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                for attributes, secret in json.load(file):
                    self.add(attributes, secret)

    def save(self):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump([[item.attributes, item.secret] for item in self.items.values()], file)
        os.rename(self.path + ".new", self.path)

    def add(self, attributes, secret):
        self.count += 1
        path = "%s/%d" % (COLLECTION, self.count)
        self.items[path] = Item(self, path, attributes, secret)
        return dbus.ObjectPath(path)

    def find(self, attributes):
        return [
            dbus.ObjectPath(path)
            for path, item in self.items.items()
            if all(item.attributes.get(name) == value for name, value in attributes.items())
        ]


class Prompt(dbus.service.Object):
    def __init__(self, keyring):
        keyring.count += 1
        self.keyring = keyring
        super().__init__(keyring.bus, "%s/prompt/%d" % (BASE, keyring.count))

    @dbus.service.method(PROMPT_INTERFACE, in_signature="s")
    def Prompt(self, window):
        GLib.idle_add(self.answer)

    def answer(self):
        if self.keyring.die:
            os._exit(0)
        if self.keyring.odd:
            message = dbus.lowlevel.SignalMessage(self.__dbus_object_path__, PROMPT_INTERFACE, "Completed")
            message.append("yes", signature="s")
            self.keyring.bus.send_message(message)
            return
        if not self.keyring.dismiss:
            self.keyring.locked = False
        self.Completed(self.keyring.dismiss, dbus.Array([], signature="o"))

    @dbus.service.signal(PROMPT_INTERFACE, signature="bv")
    def Completed(self, dismissed, result):
        pass


class Item(dbus.service.Object):
    def __init__(self, keyring, path, attributes, secret):
        self.keyring, self.attributes, self.secret = keyring, dict(attributes), secret
        super().__init__(keyring.bus, path)

    @dbus.service.method(ITEM_INTERFACE, in_signature="o", out_signature="(oayays)")
    def GetSecret(self, session):
        return dbus.Struct((session, dbus.ByteArray(b""), dbus.ByteArray(self.secret.encode()), "text/plain"))

    @dbus.service.method(ITEM_INTERFACE, out_signature="o")
    def Delete(self):
        if self.keyring.locked:
            raise dbus.DBusException("locked", name="org.freedesktop.Secret.Error.IsLocked")
        del self.keyring.items[self.__dbus_object_path__]
        self.remove_from_connection()
        self.keyring.save()
        return NONE


class Collection(dbus.service.Object):
    def __init__(self, keyring):
        self.keyring = keyring
        super().__init__(keyring.bus, COLLECTION)

    @dbus.service.method(COLLECTION_INTERFACE, in_signature="a{sv}(oayays)b", out_signature="oo")
    def CreateItem(self, properties, secret, replace):
        if self.keyring.locked:
            raise dbus.DBusException("locked", name="org.freedesktop.Secret.Error.IsLocked")
        attributes = {str(name): str(value) for name, value in properties[ITEM_INTERFACE + ".Attributes"].items()}
        text = bytes(secret[2]).decode()
        same = self.keyring.find(attributes) if replace else []
        if same:
            path = same[0]
            self.keyring.items[path].secret = text
        else:
            path = self.keyring.add(attributes, text)
        self.keyring.save()
        return path, NONE


class Service(dbus.service.Object):
    def __init__(self, keyring):
        self.keyring = keyring
        super().__init__(keyring.bus, BASE)

    @dbus.service.method(SERVICE_INTERFACE, in_signature="sv", out_signature="vo")
    def OpenSession(self, algorithm, key):
        if algorithm != "plain":
            raise dbus.DBusException("no such algorithm", name="org.freedesktop.DBus.Error.NotSupported")
        return "", dbus.ObjectPath(BASE + "/session/1")

    @dbus.service.method(
        SERVICE_INTERFACE, in_signature="a{ss}", out_signature="aoao", async_callbacks=("answer", "refuse")
    )
    def SearchItems(self, attributes, answer, refuse):
        def search():
            found = dbus.Array(self.keyring.find(attributes), signature="o")
            nothing = dbus.Array([], signature="o")
            answer(*((nothing, found) if self.keyring.locked else (found, nothing)))

        if self.keyring.silent:
            print("a search is not answered", file=sys.stderr, flush=True)
            self.keyring.unanswered.append(search)
        else:
            search()

    @dbus.service.method(SERVICE_INTERFACE, in_signature="s", out_signature="o")
    def ReadAlias(self, name):
        return NONE if self.keyring.bare or name != "default" else dbus.ObjectPath(COLLECTION)

    @dbus.service.method(SERVICE_INTERFACE, in_signature="ao", out_signature="aoo")
    def Unlock(self, objects):
        if self.keyring.locked:
            return dbus.Array([], signature="o"), dbus.ObjectPath(Prompt(self.keyring).__dbus_object_path__)
        return objects, NONE


def main(path, *words):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    keyring = Keyring(bus, path, words)
    objects = [Service(keyring), Collection(keyring)]
    name = dbus.service.BusName("org.freedesktop.secrets", bus)
    print("ready", flush=True)
    GLib.MainLoop().run()
    return objects, name


if __name__ == "__main__":
    main(*sys.argv[1:])
