# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for podflattr, which knows itself what can follow
complete -c podflattr -a '(podflattr complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
