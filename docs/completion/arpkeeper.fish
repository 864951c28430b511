# SPDX-License-Identifier: MIT
#
# Completion for fish: commands, options, and from the running agent segments and addresses; from the repository nodes and branches.

function __arpkeeper_commands
    arpkeeper --help 2>/dev/null | string match -rg -- '^  ([a-z]+) '
end

function __arpkeeper_command
    for word in (commandline -opc)[2..]
        if contains -- $word (__arpkeeper_commands)
            echo $word
            return 0
        end
    end
    return 1
end

function __arpkeeper_options
    arpkeeper (__arpkeeper_command) --help 2>/dev/null | string match -ra -- '--[a-z][a-z-]+' | sort -u
end

# What says which agent to ask.
function __arpkeeper_config
    set -l words (commandline -opc)
    for at in (seq (count $words))
        if contains -- $words[$at] -c --config --control; and test $at -lt (count $words)
            echo $words[$at]
            echo $words[(math $at + 1)]
        end
    end
end

complete -c arpkeeper -f
complete -c arpkeeper -n 'not __arpkeeper_command >/dev/null' -a '(__arpkeeper_commands)'
complete -c arpkeeper -n '__arpkeeper_command >/dev/null; and string match -q -- "-*" (commandline -ct)' -a '(__arpkeeper_options)'
complete -c arpkeeper -n 'contains -- (__arpkeeper_command) show set unset log' -a '(arpkeeper complete addresses (commandline -ct) (__arpkeeper_config) 2>/dev/null)'
complete -c arpkeeper -n 'contains -- (__arpkeeper_command) preview merge' -a '(arpkeeper complete branches (commandline -ct) (__arpkeeper_config) 2>/dev/null)'
complete -c arpkeeper -n 'contains -- (__arpkeeper_command) fleet; and test (commandline -opc)[-1] != retire' -a retire
complete -c arpkeeper -n 'contains -- (__arpkeeper_command) fleet; and test (commandline -opc)[-1] = retire' -a '(arpkeeper complete nodes (commandline -ct) (__arpkeeper_config) 2>/dev/null)'
complete -c arpkeeper -n 'contains -- (__arpkeeper_command) import check' -F
complete -c arpkeeper -l segment -x -a '(arpkeeper complete segments (__arpkeeper_config) 2>/dev/null)'
complete -c arpkeeper -s c -l config -r -F
complete -c arpkeeper -l control -r -F
complete -c arpkeeper -l repo -r -F
