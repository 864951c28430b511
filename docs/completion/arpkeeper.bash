# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion for bash: commands, options, and from the running agent segments and addresses; from the repository nodes and branches.

_arpkeeper_commands() {
	"$1" --help 2>/dev/null | sed -n 's/^  \([a-z]\+\) .*/\1/p'
}

_arpkeeper_options() {
	"$1" "$2" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u
}

# bash takes a colon for the end of a word, and IPv6 addresses have many: it gets what follows the last one.
_arpkeeper_addresses() {
	local program=$1 word=${COMP_LINE:0:COMP_POINT}
	shift
	word=${word##*[[:space:]]}
	mapfile -t COMPREPLY < <("$program" complete addresses "$word" "$@" 2>/dev/null)
	if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${word%:*}:"}")
	fi
}

_arpkeeper() {
	local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' at config=()
	for ((at = 1; at < COMP_CWORD; at++)); do
		case ${COMP_WORDS[at]} in
		-c | --config | --control) config+=("${COMP_WORDS[at]}" "${COMP_WORDS[++at]}") ;;
		-*) ;;
		*) [[ $command ]] || command=${COMP_WORDS[at]} ;;
		esac
	done
	COMPREPLY=()
	case $before in
	-c | --config | --control | --repo | --hosts | --from | --pull)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--segment)
		mapfile -t COMPREPLY < <(compgen -W "$("$program" complete segments "${config[@]}" 2>/dev/null)" -- "$word")
		return
		;;
	esac
	if [[ ! $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_arpkeeper_commands "$program")" -- "$word")
	elif [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_arpkeeper_options "$program" "$command")" -- "$word")
	else
		case $command in
		show | set | unset | log)
			_arpkeeper_addresses "$program" "${config[@]}"
			;;
		preview | merge)
			mapfile -t COMPREPLY < <("$program" complete branches "$word" "${config[@]}" 2>/dev/null)
			;;
		fleet)
			if [[ $before == retire ]]; then
				mapfile -t COMPREPLY < <("$program" complete nodes "$word" "${config[@]}" 2>/dev/null)
			else
				mapfile -t COMPREPLY < <(compgen -W retire -- "$word")
			fi
			;;
		import | check)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			;;
		esac
	fi
}

complete -F _arpkeeper arpkeeper
