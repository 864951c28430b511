/* SPDX-License-Identifier: MIT */
/* What can be checked only once the whole configuration is there. */
#ifndef USER_CONFIG_CHECK_H
#define USER_CONFIG_CHECK_H

#include "base/base.h"
#include "config/types.h"

/* The n-th interface of a segment. */
struct config_port {
	size_t segment, interface;
};

/* Both of the checks below. */
int config_check(const struct config *config, struct fault *fault);
/* Prefixes that are too large, or overlap within a segment. */
int config_check_prefixes(const struct config *config, struct fault *fault);
/* Interfaces with too many prefixes, or used twice with the same VLAN. Sets `culprit` on error. */
int config_check_ports(const struct config *config, struct config_port *culprit,
                       struct fault *fault);

#endif
