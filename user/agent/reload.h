/* SPDX-License-Identifier: MIT */
/*
 * Another configuration for the running agent: the file has changed (the command `reload`, SIGHUP),
 * or an interface whose own prefixes a segment takes has an address more. What cannot be changed in
 * place is refused by name, and then nothing is changed. An import, a merge or an answer under way
 * is waited for, for a while.
 */
#ifndef USER_AGENT_RELOAD_H
#define USER_AGENT_RELOAD_H

#include "agent/state.h"

void reload_init(struct agent *agent);
/* The command of the control socket (commands.h). */
void reload_command(struct agent *agent, const struct control_request *request);
void reload_from_signal(struct agent *agent);
/* Once a second: addresses that came. */
void reload_follow(struct agent *agent);
void reload_clear(struct agent *agent);

#endif
