-- SPDX-License-Identifier: GPL-2.0-or-later
-- Tells podflattr how much of each file was heard; see README.md beside this.
--
-- What counts is the time, at its speed, during which something was audible: mpv is "idle" while it is paused, seeks or
-- waits for the network. So a jump to the end counts nothing, wherever the position is then.

local utils = require 'mp.utils'

local options = {
    program = 'podflattr', -- or its path
}
require('mp.options').read_options(options, 'podflattr')

local FASTEST = 4 -- nobody understands speech at a higher speed

local heard, last, running, speed, started = 0, 0, false, 1, 0

local function count()
    local now = mp.get_time()
    if running and speed <= FASTEST then heard = heard + (now - last) * speed end
    last = now
end

mp.observe_property('core-idle', 'bool', function(_, idle)
    count()
    running = idle == false
end)

mp.observe_property('speed', 'number', function(_, value)
    count()
    speed = value or 1
end)

mp.register_event('file-loaded', function()
    count()
    heard, started = 0, os.time()
end)

-- Here the file's properties can still be read; at end-file they cannot.
mp.add_hook('on_unload', 50, function()
    local path, duration = mp.get_property('path'), mp.get_property_number('duration')
    count()
    if not path or path == '-' or heard < 1 then return end
    if not path:find('^%a[%w+.-]*://') then
        path = utils.join_path(mp.get_property('working-directory') or '', path)
    end
    local words = {options.program, 'hook', '--event', 'played', '--heard', string.format('%.1f', heard),
                   '--started', tostring(started)}
    if duration then
        words[#words + 1] = '--duration'
        words[#words + 1] = string.format('%.1f', duration)
    end
    words[#words + 1] = path
    heard = 0
    -- Detached, so that it outlives mpv.
    mp.command_native({name = 'subprocess', playback_only = false, detach = true, args = words})
end)
