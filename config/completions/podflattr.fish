# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion for podflattr, which knows itself what can follow
function __podflattr_complete
    set -l word (string unescape -- (commandline -ct)); or set -l word (commandline -ct)
    podflattr complete -- (commandline -opc)[2..-1] "$word" 2>/dev/null
end
complete -c podflattr -k -f -a '(__podflattr_complete)'
# Files are offered where it knows nothing else.
complete -c podflattr -n 'test -z "$(__podflattr_complete)"' -F
