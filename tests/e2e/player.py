#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A media player on the session bus (MPRIS 2) that plays nothing, for the tests.

player.py NAME reads a command a line from standard input, and prints "ready" when it is on the bus and after each:

    track URL TITLE SHOW SECONDS   goes to a track; "-" for what it does not say
    play | pause | stop
    retitle TITLE                  says another title, no address, and the same track
    end                            stops, and knows no more of the track than which one it was
    rate R
    jump SECONDS                   goes there, and says so
    creep SECONDS                  goes there, and does not
    storm N                        says N times how loud it is
    until SECONDS                  is ready when it has got there
    quit                           leaves the bus without a word
"""

import shlex
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

PLAYER = 'org.mpris.MediaPlayer2.Player'
PATH = '/org/mpris/MediaPlayer2'


class Player(dbus.service.Object):
    def __init__(self, bus):
        super().__init__(bus, PATH)
        self.status, self.rate, self.metadata = 'Stopped', 1.0, {}
        self.position, self.at, self.track, self.polled = 0.0, time.monotonic(), 0, 0

    def move(self):
        now = time.monotonic()
        if self.status == 'Playing':
            self.position += (now - self.at) * self.rate
        self.at = now

    def properties(self):
        return {'PlaybackStatus': self.status, 'Rate': dbus.Double(self.rate),
                'Metadata': dbus.Dictionary(self.metadata, signature='sv')}

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature='s', out_signature='a{sv}')
    def GetAll(self, interface):
        self.move()
        return dict(self.properties(), Position=dbus.Int64(self.position * 1e6))

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature='ss', out_signature='v')
    def Get(self, interface, name):
        self.polled += 1
        return self.GetAll(interface)[name]

    @dbus.service.signal(dbus.PROPERTIES_IFACE, signature='sa{sv}as')
    def PropertiesChanged(self, interface, changed, invalidated):
        pass

    @dbus.service.signal(PLAYER, signature='x')
    def Seeked(self, position):
        pass

    def tell(self, *names):
        self.PropertiesChanged(PLAYER, {name: self.properties()[name] for name in names}, [])

    def command(self, word, *arguments):
        self.move()
        if word == 'track':
            url, title, show, seconds = (None if text == '-' else text for text in arguments)
            self.track += 1
            self.position = 0.0
            self.metadata = {'mpris:trackid': dbus.ObjectPath(f'/track/{self.track}')}
            if url:
                self.metadata['xesam:url'] = url
            if title:
                self.metadata['xesam:title'] = title
            if show:
                self.metadata['xesam:artist'] = dbus.Array([show], signature='s')
            if seconds:
                self.metadata['mpris:length'] = dbus.Int64(float(seconds) * 1e6)
            self.tell('Metadata')
        elif word in ('play', 'pause', 'stop'):
            self.status = {'play': 'Playing', 'pause': 'Paused', 'stop': 'Stopped'}[word]
            self.tell('PlaybackStatus')
        elif word == 'retitle':
            self.metadata = {'mpris:trackid': self.metadata['mpris:trackid'], 'xesam:title': arguments[0]}
            self.tell('Metadata')
        elif word == 'end':
            self.status, self.metadata = 'Stopped', {'mpris:trackid': self.metadata['mpris:trackid']}
            self.tell('Metadata', 'PlaybackStatus')
        elif word == 'rate':
            self.rate = float(arguments[0])
            self.tell('Rate')
        elif word in ('jump', 'creep'):
            self.position = float(arguments[0])
            if word == 'jump':
                self.Seeked(dbus.Int64(self.position * 1e6))
        elif word == 'storm':
            for i in range(int(arguments[0])):
                self.PropertiesChanged(PLAYER, {'Volume': dbus.Double(i % 2)}, [])
        else:
            sys.exit(f'player.py: there is no command {word}')


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    player = Player(bus)
    name = dbus.service.BusName(f'org.mpris.MediaPlayer2.{sys.argv[1]}', bus)
    loop = GLib.MainLoop()
    sys.excepthook = lambda *fault: (sys.__excepthook__(*fault), loop.quit())

    def read(source, condition):
        words = shlex.split(sys.stdin.readline())
        if not words or words[0] == 'quit':
            loop.quit()
            return False
        if words[0] == 'until':
            GLib.timeout_add(10, arrived, float(words[1]))
        else:
            player.command(*words)
            bus.flush()
            print('ready', flush=True)
        return True

    def arrived(position):
        player.move()
        if player.position >= position:
            print('ready', flush=True)
        return player.position < position

    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, read)
    print('ready', flush=True)
    loop.run()
    del name


main()
