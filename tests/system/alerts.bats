#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Alerts: in the log, for watchers, counted, and as commits on the branch `alerts`, limited in number.

load lib

FLOOD=$(dirname "$LOOKER")/system/flood
SPOOFER=02:bb:bb:bb:bb:66

setup() {
	sandbox
	pair
	# shellcheck disable=SC2034 # configure and at_rest read it
	LAN=10.0.0.0/16
	configure 'learn = passive' 'learn-rate = 0'
}

teardown() {
	sandbox_clear
}

# speak ADDRESS MAC [ARGUMENT...]: a request for the agent's address.
speak() {
	local spa=$1 mac=$2
	shift 2
	frames h1 send --spa "$spa" --sha "$mac" --src "$mac" --tpa 10.0.0.1 --wait 0 "$@"
}

# incident TEXT...: the newest commit on `alerts` says each.
incident() {
	local text
	output=$(git -C "$REPO" log -1 --format=%B alerts) || return 1
	for text; do
		grep -qF -- "$text" <<<"$output" || return 1
	done
}

# raised KIND: how many there were since the start, reported or not.
raised() {
	look stats --json | jq ".alerts[] | select(.kind == \"$1\").raised"
}

held_back() {
	look stats --json | jq ".alerts[] | select(.kind == \"$1\").held_back"
}

raised_is() {
	[[ $(raised "$1") == "$2" ]]
}

incidents_are() {
	[[ $(incidents "$1") == "$2" ]]
}

logged() {
	grep -qF -- "$1" "$RESULT/agent.log"
}

@test "an alert is logged, watched and counted, and its commit names the sender and the port" {
	local before
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	watch_start
	before=$(tip)
	speak 10.0.0.50 "$SPOOFER"
	await 5 alerted conflict 10.0.0.50 "$SPOOFER"
	await 5 incident "conflict: 10.0.0.50 at $SPOOFER, not $ELSEWHERE" "Segment: lan" "Interface: lan0" \
		"Alert: conflict" "Address: 10.0.0.50" "MAC: $SPOOFER" "Other: $ELSEWHERE"
	logged "warning: lan: conflict: 10.0.0.50 at $SPOOFER, not $ELSEWHERE, on lan0"
	raised_is conflict 1
	run ak stats --prometheus
	says 'arpkeeper_alerts_total{kind="conflict"} 1' 'arpkeeper_alerts_held_back_total{kind="conflict"} 0' \
		'arpkeeper_alerts_total{kind="flip-flop"} 0'
	run ak stats
	says 'HELD BACK' conflict
	# It changes nothing: main is where it was, and the table as main says.
	[ "$(tip)" = "$before" ]
	at_rest
	run git -C "$REPO" log -1 --format='%an %T' alerts
	says "arpkeeper $(git hash-object -t tree /dev/null)"
	# `arpkeeper log` weaves it in.
	run ak log 10.0.0.50 --alerts --since '1 hour ago' --until now
	[[ ${lines[1]} == *"conflict: 10.0.0.50 at $SPOOFER, not $ELSEWHERE"*alert* ]]
	[[ ${lines[2]} == *"set to $ELSEWHERE, static (by root)"* ]]
	[[ $(ak log 10.0.0.0/24 --alerts --json -n 1 | jq -r '.events[] | "\(.alert) \(.address)"') == 'conflict 10.0.0.50' ]]
	[[ $(ak log 10.0.0.50/32 --kind operator --by root --json | jq '.events | length') == 1 ]]
	[[ $(ak log 10.0.1.0/24 --alerts --json) == *'"events": []'* ]]
	# `arpkeeper watch` says it to people, too.
	ak watch >"$RESULT/watch.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q SEGMENT "$RESULT/watch.txt"
	speak 10.0.0.50 02:bb:bb:bb:bb:67
	await 5 grep -q "10.0.0.50 .*ALERT conflict: 02:bb:bb:bb:bb:67 against $ELSEWHERE (lan0)" "$RESULT/watch.txt"
}

@test "a new station, a move and back, and a sender that differs from the source are alerts" {
	agent_start
	speak 10.0.0.60 02:bb:bb:bb:bb:01
	await 5 incident "new-station: 10.0.0.60 at 02:bb:bb:bb:bb:01"
	speak 10.0.0.60 02:bb:bb:bb:bb:02
	await 5 incident "moved: 10.0.0.60 at 02:bb:bb:bb:bb:02, before at 02:bb:bb:bb:bb:01"
	await 5 flip_flop
	frames h1 send --spa 10.0.0.61 --sha 02:bb:bb:bb:bb:03 --src "$SPOOFER" --tpa 10.0.0.1 --wait 0
	await 5 incident "mismatch: 10.0.0.61 at 02:bb:bb:bb:bb:03, in a frame from $SPOOFER"
	speak 192.0.2.7 02:bb:bb:bb:bb:04
	await 5 incident "bogon: 192.0.2.7 at 02:bb:bb:bb:bb:04" "Interface: lan0"
	frames h1 send --spa 10.0.0.62 --sha ff:ff:ff:ff:ff:ff --src "$SPOOFER" --tpa 10.0.0.1 --wait 0
	await 5 incident "broadcast-source: 10.0.0.62 at ff:ff:ff:ff:ff:ff, in a frame from $SPOOFER"
	write_slot 10.0.0.63 ff:ff:ff:ff:ff:ff 2 1
	await 5 incident "external-invalid: 10.0.0.63 at ff:ff:ff:ff:ff:ff, was written into the map, and is undone"
	# No alert is on main.
	refuses git -C "$REPO" merge-base main alerts
	[ "$(git -C "$REPO" ls-tree -r alerts | wc -l)" -eq 0 ]
}

# An address is reported once a second.
flip_flop() {
	speak 10.0.0.60 02:bb:bb:bb:bb:01
	incident "flip-flop: 10.0.0.60 at 02:bb:bb:bb:bb:01, a moment ago at 02:bb:bb:bb:bb:02"
}

@test "an alert of a tagged segment names its VLAN; with enforce it names the dropped spoof" {
	configure 'learn = passive' 'learn-rate = 0' 'vlan = 10.20' 'enforce = on'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	watch_start
	speak 10.0.0.50 "$SPOOFER" --vlan 10 --vlan 20
	await 5 incident "spoof: 10.0.0.50 at $SPOOFER, not $ELSEWHERE: dropped" "VLAN: 10.20"
	await 5 alerted spoof 10.0.0.50 "$SPOOFER"
	jq -e 'select(.alert == "spoof").vlan == "10.20"' "$RESULT/watch.json"
}

@test "a thousand new stations make few commits and one summary; all are counted, and a conflict is still seen" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	# Else the kernel has an entry for each, too. Its table of 1,024 is the whole machine's: tests beside this one
	# would find it full.
	inside keeper sysctl -qw net.ipv4.conf.lan0.arp_ignore=8
	inside h1 "$FLOOD" eth0 --spa=10.0.1.0 --spas=1000 --macs=1000 --tpa=10.0.0.1 --count=1000 --rate=2000
	speak 10.0.0.50 "$SPOOFER"
	await 5 raised_is conflict 1
	await 5 raised_is new-station 1000
	# 100 at once, of which new stations take 85; then ten a second.
	(($(held_back new-station) > 700))
	[ "$(held_back conflict)" -eq 0 ]
	await 15 incidents_are held-back 1
	incident "more alerts were held back in" "$(held_back new-station) new-station" "Alert: held-back"
	[ "$(incidents conflict)" -eq 1 ]
	[ "$(incidents new-station)" -eq $((1000 - $(held_back new-station))) ]
	run ak status --json
	[ "$(jq .repository.alerts_dropped <<<"$output")" -eq 0 ]
	await 5 at_rest
	# The table's own tasks are untouched.
	[ "$(git -C "$REPO" for-each-ref refs/heads/task | wc -l)" -le 64 ]
}

@test "a repeated alert is reported once, and summed up" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 10 conflicts_at_least 3
	await 15 incidents_are held-back 1
	[ "$(incidents conflict)" -eq 1 ]
	incident " conflict" "Alert: held-back"
}

conflicts_at_least() {
	speak 10.0.0.50 "$SPOOFER"
	(($(raised conflict) >= $1))
}

@test "a flood is reported once, with numbers, and so is its end" {
	agent_start
	watch_start
	inside h1 "$FLOOD" eth0 --spa=10.0.0.11 --tpa=10.0.128.0 --tpas=20000 --count=20000 --rate=20000
	await 5 alerted flood
	await 5 incident "flood: " "events were held back" "Segment: lan" "Alert: flood"
	await 15 incident "flood: over after" "events were held back"
	incidents_are flood 2
	raised_is flood 1
	logged 'warning: lan: flood: '
	logged 'info: lan: flood: over after'
}

@test "the objects of alerts are durable before the branch names them" {
	agent_start
	speak 10.0.0.60 02:bb:bb:bb:bb:01
	await 5 incident "new-station: 10.0.0.60"
	strace -f -y -qq -e trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat \
		-o "$RESULT/strace.txt" -p "$(recorder)" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q "TracerPid:.[1-9]" "/proc/$(recorder)/status"
	speak 10.0.0.61 02:bb:bb:bb:bb:02
	await 5 incident "new-station: 10.0.0.61"
	await 5 grep -q 'refs/heads/alerts' "$RESULT/strace.txt"
	await 5 python3 "$HERE/durable.py" "$RESULT/strace.txt"
}

@test "clones get the alerts; pushing to them and merging them is refused with a reason; check accepts them" {
	agent_start
	speak 10.0.0.60 02:bb:bb:bb:bb:01
	await 5 incident new-station
	await 5 recorded 10.0.0.60
	clone
	[ "$(git -C "$CLONE" rev-parse origin/alerts)" = "$(git -C "$REPO" rev-parse alerts)" ]
	[ "$(git -C "$CLONE" symbolic-ref --short HEAD)" = main ]
	for ref in refs/heads/alerts refs/heads/alerts/mine; do
		run git -C "$CLONE" push origin "+HEAD:$ref"
		[ "$status" -ne 0 ]
		says "$ref is refused" "log of incidents, which only the agent writes"
	done
	run git -C "$CLONE" push origin :alerts
	[ "$status" -ne 0 ]
	says "log of incidents"
	run git -C "$CLONE" push origin origin/alerts:refs/heads/merge/alerts
	[ "$status" -ne 0 ]
	says "no history in common"
	run ak merge alerts
	[ "$status" -eq 1 ]
	says "is not merged"
	run "$ARPKEEPER" check "$REPO"
	[ "$status" -eq 0 ]
	run ak log 10.0.0.60
	says "learned at 02:bb:bb:bb:bb:01"
	refuses says new-station
	await 5 at_rest
}

@test "the next agent continues the alerts; it starts them again when deleted, and ignores a stale lock" {
	agent_start
	speak 10.0.0.60 02:bb:bb:bb:bb:01
	await 5 incidents_are new-station 1
	agent_kill
	agent_start
	speak 10.0.0.61 02:bb:bb:bb:bb:02
	await 5 incidents_are new-station 2
	git -C "$REPO" update-ref -d refs/heads/alerts
	speak 10.0.0.62 02:bb:bb:bb:bb:03
	await 5 incident "new-station: 10.0.0.62"
	[ "$(git -C "$REPO" rev-list --count alerts)" -eq 1 ]
	touch "$REPO/refs/heads/alerts.lock"
	speak 10.0.0.63 02:bb:bb:bb:bb:04
	await 5 recorded 10.0.0.63
	ak set 10.0.0.64 "$ELSEWHERE"
	[ "$(reported '.repository.trouble')" = null ]
	await 5 logged 'alerts cannot be recorded'
	[ "$(reported .repository.alerts_waiting)" -gt 0 ]
	rm "$REPO/refs/heads/alerts.lock"
	await 15 incident "new-station: 10.0.0.63"
}

@test "alerts work in memory too; the agent does not take over another node's alerts" {
	agent_start
	speak 10.0.0.60 02:bb:bb:bb:bb:01
	await 5 incidents_are new-station 1
	await 5 recorded 10.0.0.60
	agent_stop
	git clone -q --mirror "$REPO" "$RESULT/other.git"
	FOLDER=/run/arpkeeper/$INSTANCE
	REPO=$FOLDER/history.git
	agent_start --repo :memory: --pull "$RESULT/other.git"
	await 5 recorded 10.0.0.60
	refuses git -C "$REPO" rev-parse -q --verify alerts
	speak 10.0.0.61 02:bb:bb:bb:bb:02
	await 5 incident "new-station: 10.0.0.61 at 02:bb:bb:bb:bb:02"
	[ "$(git -C "$REPO" rev-list --count alerts)" -eq 1 ]
	git -C "$REPO" fsck --strict
	agent_stop
	[ ! -e "$REPO" ]
	REPO=$RESULT/history.git
}

@test "stop writes the queued alerts, the summary included" {
	agent_start
	inside h1 "$FLOOD" eth0 --spa=10.0.1.0 --spas=200 --macs=200 --tpa=10.0.0.1 --count=200 --rate=2000
	await 5 raised_is new-station 200
	agent_stop
	incident "Alert: held-back"
	(($(incidents new-station) >= 85))
}

# passed TEXT [COUNT]: so many alerts with the text have reached the command.
passed() {
	[[ $(grep -cF -- "$1" "$SHORT/out/alerts.json") == "${2:-1}" ]]
}

# passed_on FAILED DROPPED: so many alerts failed, and at least so many were dropped, by `stats`.
passed_on() {
	look stats --json | jq -e ".alert_command | .running and .passed > 0 and .failed == $1 and .dropped >= $2"
}

@test "alert-command gets alerts as JSON, as the recorder's user; one that hangs is killed, a failure warned of, a storm bounded" {
	local stranger=64123
	# Root reads another user's repository.
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
	chmod 755 "$SHORT"
	mkdir "$SHORT/out" "$REPO"
	chown "$stranger" "$SHORT/out" "$REPO"
	cat >"$SHORT/pager" <<-PAGER
		#!/bin/sh
		read -r text
		echo "\$text" >>"$SHORT/out/alerts.json"
		echo "\$(id -u) \$#" >>"$SHORT/out/user"
		case \$text in
		*'"address":"10.0.0.51"'*) echo "no route to the pager" >&2; exit 3 ;;
		*'"address":"10.0.0.52"'*) sleep 1000 ;;
		esac
	PAGER
	chmod 755 "$SHORT/pager"
	AGENT_LINES="alert-command = $SHORT/pager" configure 'learn = passive' 'learn-rate = 0'
	# Root's command would own every file.
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --recorder-user 0
	((status == 1))
	says 'agent.alert-command' 'must not be root'
	# A command that others may change.
	chmod 777 "$SHORT/pager"
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --recorder-user "$stranger"
	((status == 1))
	says "$SHORT/pager" 'another user than root can write it'
	chmod 755 "$SHORT/pager"
	agent_start --recorder-user "$stranger"
	ak set 10.0.0.50-10.0.0.52 "$ELSEWHERE"
	speak 10.0.0.51 "$SPOOFER"
	await 5 passed '"address":"10.0.0.51"'
	await 5 logged 'no route to the pager'
	await 5 logged 'it ended with status 3: the alert was not passed on'
	speak 10.0.0.50 "$SPOOFER"
	await 5 passed '"address":"10.0.0.50"'
	jq -e "select(.address == \"10.0.0.50\") | .type == \"alert\" and .alert == \"conflict\" and .segment == \"lan\" and
		.mac == \"$SPOOFER\" and .other == \"$ELSEWHERE\" and .interface == \"lan0\" and .vlan == null and
		.text == \"10.0.0.50 at $SPOOFER, not $ELSEWHERE\" and .host == \"$(hostname)\" and .instance == \"$INSTANCE\"" \
		"$SHORT/out/alerts.json"
	[[ $(sort -u "$SHORT/out/user") == "$stranger 0" ]]
	await 5 logged 'pager works again'
	# The alert that it failed is not for the command.
	await 5 incident_says 'alert-command: alerts are not passed to agent.alert-command: 1 by now, 1 because it failed'
	await 5 passed_on 1 0
	[[ $(grep -c alert-command "$SHORT/out/alerts.json") == 0 ]]
	# The agent cannot become another user any more, so it cannot start another command.
	AGENT_LINES='alert-command = /usr/bin/true' configure 'learn = passive' 'learn-rate = 0'
	run ak reload
	((status == 1))
	says 'agent.alert-command' 'nothing is changed'
	speak 10.0.0.52 "$SPOOFER"
	await 5 passed '"address":"10.0.0.52"'
	# Meanwhile nothing waits for it.
	inside h1 "$FLOOD" eth0 --spa=10.0.1.0 --spas=200 --macs=200 --tpa=10.0.0.1 --count=200 --rate=2000
	await 5 raised_is new-station 200
	await 20 logged 'killed, because it took longer than 10000 ms'
	await 5 logged 'not passed on: 64 wait at most'
	await 5 passed_on 2 10
	run ak stats --prometheus
	says 'arpkeeper_alert_command_total{result="failed"} 2'
	"$HERE/metrics.py" <(printf '%s\n' "$output")
	run ak stats
	says 'ALERT COMMAND' "$SHORT/pager"
	run ak status
	says 'alert command' '2 failed'
	# One alert says it, until ten minutes were quiet.
	incidents_are alert-command 1
	# New stations have half of the runs, so that trouble still gets through.
	speak 10.0.0.50 02:bb:bb:bb:bb:67
	await 5 passed '02:bb:bb:bb:bb:67'
	(($(grep -c '"alert":"new-station"' "$SHORT/out/alerts.json") <= 10))
	agent_stop
}

# delivered EXAMPLE smtp|http: what a server gets when docs/alert-command/EXAMPLE is given $alert.
delivered() {
	local received=$RESULT/$1.received port
	"$HERE/receiver.py" "$2" >"$received" 3>&- &
	BACKGROUND+=($!)
	await 10 test -s "$received"
	port=$(head -n 1 "$received")
	echo secret >"$RESULT/key"
	sed -E "s|^(SERVER\|URL)=[a-z]+://.*|\1=$2://127.0.0.1:$port|; s|^KEY=.*|KEY=$RESULT/key|" "$ROOT/docs/alert-command/$1" >"$RESULT/$1"
	chmod 755 "$RESULT/$1"
	env -i PATH=/usr/bin:/bin "$RESULT/$1" <<<"$alert"
	sed 1d "$received" >"$RESULT/$1.text"
}

@test "the documented examples of alert-command deliver an alert by mail, to a web address and to a pager" {
	local alert='{"time":"2026-11-22T10:15:00Z","type":"alert","alert":"conflict","segment":"lan","address":"10.0.0.7"'
	alert+=',"mac":"02:bb:bb:bb:bb:66","other":null,"interface":"lan0","vlan":null,"text":"first\r\nBcc: second"'
	alert+=',"host":"leaf1","instance":"default"}'
	delivered mail smtp
	grep -qx 'Subject: \[leaf1\] conflict lan 10.0.0.7' "$RESULT/mail.text"
	grep -qx 'first  Bcc: second' "$RESULT/mail.text"
	delivered webhook http
	jq -e --argjson sent "$alert" '. == $sent' "$RESULT/webhook.text"
	delivered pager http
	jq -e '.routing_key == "secret" and .event_action == "trigger" and .payload.source == "leaf1" and
		.dedup_key == "leaf1/default/conflict/lan/10.0.0.7"' "$RESULT/pager.text"
	# News pages nobody, and is not mailed: nothing would listen.
	for example in mail pager; do
		env -i PATH=/usr/bin:/bin "$RESULT/$example" <<<"${alert/conflict/new-station}"
	done
	# A server that does not answer is a failure, which the agent warns of.
	for example in mail webhook pager; do
		refuses env -i PATH=/usr/bin:/bin "$RESULT/$example" <<<"$alert"
	done
}
