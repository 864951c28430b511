/* SPDX-License-Identifier: MIT */
/* Sends reports of groups on one port, in one segment: many groups to a frame, or, for a querier of
 * MLD's version 1, one. */
#ifndef USER_PORTS_REPORTS_H
#define USER_PORTS_REPORTS_H

#include "ports/port.h"

struct reports {
	const struct agent_port *port;
	bool version1;
	unsigned frames; /* sent so far */
	struct mld_report report;
};

void reports_begin(struct reports *reports, const struct agent_port *port, unsigned segment,
                   bool version1);
void reports_put(struct reports *reports, enum mld_record type, uint32_t suffix);
/* Sends what is left. */
void reports_end(struct reports *reports);

#endif
