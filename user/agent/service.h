/* SPDX-License-Identifier: MIT */
/* The service manager, if one started the agent: systemd, with Type=notify. */
#ifndef USER_AGENT_SERVICE_H
#define USER_AGENT_SERVICE_H

/* "READY=1", "STOPPING=1": sd_notify(3) lists them. Does nothing without a manager. */
void service_notify(const char *state);

#endif
