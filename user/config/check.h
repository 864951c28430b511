/* SPDX-License-Identifier: MIT */
/* The two halves of config_check(), for a reader that knows on which line each began. Private to
 * the config module. */
#ifndef USER_CONFIG_CHECK_H
#define USER_CONFIG_CHECK_H

#include "config/config.h"

struct config_port { /* the n-th interface of a segment */
	size_t segment, interface;
};

int config_check_prefixes(const struct config *config, struct fault *fault);
/* `culprit` is set on error. */
int config_check_ports(const struct config *config, struct config_port *culprit,
                       struct fault *fault);

#endif
