# SPDX-License-Identifier: GPL-2.0-or-later
# Reports to podflattr every episode that gPodder (3.11 or later) has downloaded, and what was heard of it; see README.md
# beside this file.
#
# Extensions run in the order of their names, and this one must come last: one that renames the file (rename_download)
# has to be done before, or podflattr would get a name that is gone. Hence the zz.

import logging
import os
import subprocess

logger = logging.getLogger(__name__)

__title__ = 'podflattr'
__description__ = 'Flattr the episodes that are downloaded or heard'
__authors__ = 'the podflattr authors'
__category__ = 'post-download'
__only_for__ = 'gtk, cli'

DefaultConfig = {
    'program': 'podflattr',
}


# Linux starts no program with an argument of 128 KiB or more, so one endless value would lose the whole event.
LONGEST = 65536


def option(name, value, may_be_cut=False):
    """The words of an option; none for a value that is missing, or that no program can be given (NUL, too long)."""
    if not value or '\0' in value:
        return []
    word = value.encode('utf-8', 'replace')
    if len(word) > LONGEST and not may_be_cut:
        logger.warning('podflattr: omitting %s, which is %d bytes long', name, len(word))
        return []
    return [name, word[:LONGEST].decode('utf-8', 'ignore').encode('utf-8')]


def hook_words(program, episode, filename):
    """The command line that reports an episode; a list of words, since titles come from strangers."""
    return [
        program, 'hook', '--event', 'downloaded',
        *option('--feed', episode.channel.url),
        *option('--enclosure', episode.url),
        *option('--guid', episode.guid),
        *option('--title', episode.title, may_be_cut=True),
        *option('--payment', episode.payment_url),
        os.fsencode(os.path.abspath(filename)),
    ]


class gPodderExtension:
    def __init__(self, container):
        self.container = container

    def on_load(self):
        import gpodder
        # Without D-Bus gPodder has no bus, or a stand-in that receives nothing.
        self.receiver = None
        bus = getattr(gpodder, 'dbus_session_bus', None)
        if bus is not None and not hasattr(bus, 'fake'):
            self.receiver = bus.add_signal_receiver(self.on_playback_stopped, 'PlaybackStopped', 'org.gpodder.player')

    def on_unload(self):
        if self.receiver:
            self.receiver.remove()

    def on_playback_stopped(self, start, end, total, uri):
        # From gPodder's own mpris-listener, or a player that knows gPodder; seconds, without a jump between them.
        if end <= start:
            return
        words = [self.program(), 'hook', '--event', 'played', '--heard', str(int(end - start)),
                 *option('--duration', str(int(total)) if total > 0 else ''), '--', str(uri)]
        try:
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        except OSError as error:
            logger.error('did not report what was heard to podflattr: cannot start %s (%s)', words[0], error.strerror)

    def program(self):
        return os.environ.get('PODFLATTR') or self.container.config.program

    def on_episode_downloaded(self, episode):
        # This is gPodder's download thread: nothing may block it, and a failure of ours must not become one of the download.
        program = self.program()
        try:
            filename = episode.local_filename(create=False, check_only=True)
            if not filename:
                logger.warning('did not report "%s" to podflattr: gPodder has no file for it', episode.title)
                return
            subprocess.Popen(hook_words(program, episode, filename), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, start_new_session=True)
        except OSError as error:
            logger.error('did not report "%s" to podflattr: cannot start %s (%s); install podflattr, or set the path in '
                         'extensions.zz_podflattr.program', episode.title, program, error.strerror)
        except Exception as error:
            logger.error('did not report "%s" to podflattr: %s', episode.title, error)
