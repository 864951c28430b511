/* SPDX-License-Identifier: MIT */
/* The names of tasks and alerts. Nothing else. */
#include "neighbour/types.h"

const char *task_kind_name(enum task_kind kind)
{
	static const char *const name[TASK_KINDS] = {
	        [TASK_LEARN] = "learn",       [TASK_MOVE] = "move",
	        [TASK_RESOLVE] = "resolve",   [TASK_EXPIRE] = "expire",
	        [TASK_OPERATOR] = "operator", [TASK_EXTERNAL] = "external",
	        [TASK_RECOVER] = "recover",   [TASK_IMPORT] = "import",
	        [TASK_SYNC] = "sync",
	};

	return (unsigned)kind < TASK_KINDS ? name[kind] : "unknown";
}

const char *alert_kind_name(enum alert_kind kind)
{
	static const char *const name[ALERT_KINDS] = {
	        [ALERT_NEW_STATION] = "new-station",
	        [ALERT_MOVED] = "moved",
	        [ALERT_FLIP_FLOP] = "flip-flop",
	        [ALERT_RECLAIMED] = "reclaimed",
	        [ALERT_DUPLICATE] = "duplicate",
	        [ALERT_CONFLICT] = "conflict",
	        [ALERT_SPOOF] = "spoof",
	        [ALERT_MISMATCH] = "mismatch",
	        [ALERT_BROADCAST_SOURCE] = "broadcast-source",
	        [ALERT_BOGON] = "bogon",
	        [ALERT_MANY_ADDRESSES] = "many-addresses",
	        [ALERT_LEARN_LIMIT] = "learn-limit",
	        [ALERT_FLOOD] = "flood",
	        [ALERT_EXTERNAL_INVALID] = "external-invalid",
	        [ALERT_ROGUE_ROUTER] = "rogue-router",
	        [ALERT_OVERRULED] = "overruled",
	        [ALERT_CLOCK] = "clock",
	        [ALERT_DUPLICATE_NODE] = "duplicate-node",
	        [ALERT_BRANCH_REWOUND] = "branch-rewound",
	        [ALERT_BRANCH_INVALID] = "branch-invalid",
	        [ALERT_UNANSWERED] = "unanswered",
	};

	return (unsigned)kind < ALERT_KINDS ? name[kind] : "unknown";
}
