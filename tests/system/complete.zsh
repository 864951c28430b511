#!/usr/bin/zsh -f
# SPDX-License-Identifier: MIT
# What zsh completes, one a line: an interactive shell, on a terminal of its own, gets the line and a Tab.
#
#   complete.zsh FOLDER LINE DUMP      FOLDER: where _arpkeeper is; DUMP: a file for what compinit finds, which takes
#                                      most of the time; the first call makes it

zmodload zsh/zpty
folder=$1 line=$2 dump=$3
out=$(mktemp -d) || exit 1
trap 'zpty -d shell; rm -rf $out' EXIT

# await FILE: for at most 30 s.
await() {
	integer tries
	for ((tries = 0; tries < 600; tries++)); do
		[[ ! -e $out/$1 ]] || return 0
		sleep 0.05
	done
	print -u2 "zsh is not at $1: $(<$out/said)"
	exit 1
}

cat >$out/rc <<END
PROMPT= fpath=(${(q)folder} \$fpath) path=($path)
autoload -Uz compinit && compinit -u -C -d ${(q)dump}
capture() {
	compadd() {
		local -a hits
		builtin compadd -A hits "\$@"
		print -l -- \$hits >>$out/hits
		builtin compadd "\$@"
	}
	_main_complete 2>>$out/said
	: >$out/end
}
zle -C capture complete-word capture
bindkey '^I' capture
: >$out/ready
END
: >$out/hits
: >$out/said
zpty -b shell zsh -f -i
zpty -w shell "source $out/rc"
await ready
zpty -w -n shell "$line"$'\t'
await end
cat $out/said
sort -u $out/hits | sed '/^$/d'
