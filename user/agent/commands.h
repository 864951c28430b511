/* SPDX-License-Identifier: MIT */
/*
 * The commands of the control socket, which the command line and the hooks (cli/) send: what each
 * takes, and its answer. Times are UTC text as in entries; absent values are null.
 *
 *   status  {}
 *           {"version", "pid", "instance", "since", "control",
 *            "recorder": {"pid" (0: it is being started again), "restarts", "user", "root",
 *                         "landlock", "seccomp", "rights"},
 *            "repository": {"path", "tip", "applied", "commits", "queued", "dropped",
 *                           "alerts_waiting", "alerts_dropped", "trouble"},
 *            "missing": [text, ...],
 *            "segments": [{"name", "prefixes": [], "vlan", "answer", "learn", "timeout"}],
 *            "ports": [{"interface", "segment", "state": "attached"|"down"|"gone"|"failed",
 *                       "ifindex", "mac", "addresses": [], "mode", "reason", "attachment",
 *                       "since"}],
 *            "table": {"slots", "dynamic", "static", "local", "stale", "pending", "dead",
 *                      "sponged", "resolving", "refused"},
 *            "loop": {"turns", "over_5ms", "longest_ms"}}
 *   show    {"prefix": "10.0.0.0/24" | "10.0.0.4-10.0.0.9" | null, "mac"?,
 *            "state": "static" | null, "stream": bool?}
 *           {"entries": [{"segment", "address", "mac", "state": dynamic static local stale pending
 *                         dead, "since", "seen", "origin", "note"}]}
 *           with "stream" {}, then as many lines {"entries"} as it takes, then {"end": true}
 *   set     {"address", "mac", "segment"?, "note"?, "message"?}
 *           {"segment", "address", "mac", "commit", "changed": bool}    when durable
 *   unset   {"address", "segment"?, "message"?}
 *           {"segment", "address", "commit", "changed"}
 *   set, unset with an "address" like 10.0.3.0/28 or 10.0.3.4-10.0.3.9: one task
 *           {"segment", "first", "last", "mac"?, "commit", "addresses", "changes", "skipped"}
 *   set, unset, import (begin), revert, retire and merge with "confirm": so many known addresses
 * may change beyond history.guard import  {"step": "begin", "name", "message"?, "dry": bool?,
 * "force": bool?}
 *           {"unguarded": a list of at most so many lines need not be looked at first}
 *           {"step": "look", "lines"}    as "lines", but nothing is applied; then
 *           {"step": "judge"}    {}, or the refusal
 *           {"step": "lines", "lines": text}; a line is ADDRESS MAC s|d SINCE ORIGIN NOTE X-LINE
 *           with tabs between; a field that is empty, or left out at the end, says nothing
 *           (but a line with SINCE is a complete entry)
 *           {"changed", "unchanged", "kept", "refused": [[number of the line, why], ...]}, in
 * order, when history has taken it in; several may be under way
 *           {"step": "end"}    {"count", "changed", "commit" | null}    when durable
 *   revert  {"name", "commits": [id, ...] oldest first, "message"?}
 *           {"commit", "applied", "chosen": those left as they are, "text"}
 *   retire  {"node", "message"?}    what that node of the fleet has in the table ends
 *           {"commit", "applied", "chosen", "text"}
 *   merge   {"branch"}
 *           {"commit", "applied", "chosen", "text"}
 *   reconcile {"ref": "refs/heads/main" | "refs/heads/merge/x"}    what a push set; for every user
 *           {"commit", "applied", "chosen", "text"}
 *   watch   {}    {} and then a stream:
 *           {"time", "type": "change", "task", "segment", "address", "interface", "trigger",
 *            "before": {"mac", "state"} | null, "after": {"mac", "state"} | null}
 *           {"time", "type": "alert", "alert", "segment", "address", "mac", "other", "interface",
 *            "vlan": 10 | "10.20" | null, "text": of one that is about no address}
 *           {"time", "type": "notice", "text"}
 *   stats   {}    {"counters": {"arp_frames": 1, ...},
 *                  "alerts": [{"kind": "conflict", "raised", "held_back"}, ...],
 *                  "history": {"commits", "queued", "dropped", "trouble", "alerts_waiting",
 *                              "alerts_dropped", "behind_seconds"},
 *            "version", "since", "segments": [{"segment", "addresses": {"dynamic": 1, ...},
 *                                              "changes": {"learn": 1, ...}}],
 *            "ports": [{"interface", "state", "mode"}],
 *            "turns", "flushes": {"buckets": [{"at_most_seconds", "count"}], "count",
 *                                 "sum_seconds"}}
 *
 *   reload  {"dry": bool?}
 *           {"config": path | null, "changes": [text, ...], "applied": bool}    when it is so
 *
 *   sync    {"remote": name?}
 *           {"remotes": [report of sync/report.h, ...]}    when it is done, and what came in the
 * table synced  {"report"}    of `arpkeeper hook sync`: for root and the recorder's user
 *           {}
 *
 *   stop    {"keep": bool}    {"pid", "instance", "detached": [interface, ...],
 *                              "left": [{"interface", "reason"}, ...]}; the connection closes
 *           when the agent has ended
 */
#ifndef USER_AGENT_COMMANDS_H
#define USER_AGENT_COMMANDS_H

#include "agent/state.h"

/* A control_handler; `context` is the struct agent. */
void commands_handle(void *context, const struct control_request *request);
/* Ends the agent: detaches (unless `keep`), then leaves the loop, also on an error: a fault says
 * what stays. A port that could not be detached keeps its handle. */
int commands_stop(struct agent *agent, bool keep, struct fault *fault);
/* Once a second: tells waiting clients why history cannot write. */
void commands_beat(struct agent *agent);

#endif
