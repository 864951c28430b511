/* SPDX-License-Identifier: MIT */
/* The life of a configuration: its defaults, its segments, its end; and the check of the whole. */
#ifndef USER_CONFIG_VALUES_H
#define USER_CONFIG_VALUES_H

#include "config/types.h"

/* All defaults, no segment. */
int config_init(struct config *config);
/* Adds a segment with every default. NULL and a fault: out of memory, or a bad name. The pointer is
 * valid until the next call. */
struct config_segment *config_add_segment(struct config *config, const char *name,
                                          struct fault *fault);
int config_segment_add_interface(struct config_segment *segment, const char *name,
                                 struct fault *fault);
int config_segment_add_prefix(struct config_segment *segment, struct prefix prefix);
/* Whether its IPv6 addresses are answered for and learned. */
bool config_segment_has_nd(const struct config_segment *segment);
/* Index of the segment called `name`; -1 if none. */
int config_find_segment(const struct config *config, const char *name);
/* Whether a name may be an instance's, or a segment's. 0 or -EINVAL. */
int config_check_instance(const char *name, struct fault *fault);
int config_check_segment(const char *name, struct fault *fault);
/* 0 or -ENOMEM, and then `copy` is empty. */
int config_copy(struct config *copy, const struct config *config);
void config_clear(struct config *config);

/* The n-th interface of a segment. */
struct config_port {
	size_t segment, interface;
};

/* The checks below, and config_check_fleet(). */
int config_check(const struct config *config, struct fault *fault);
/* Prefixes that are too large, or overlap within a segment; more addresses than fit. */
int config_check_prefixes(const struct config *config, struct fault *fault);
/* Where ra-guard is on without nd. Sets `culprit` on error. */
int config_check_guards(const struct config *config, size_t *culprit, struct fault *fault);
/* Interfaces with too many prefixes, or used twice with the same VLAN. Sets `culprit` on error. */
int config_check_ports(const struct config *config, struct config_port *culprit,
                       struct fault *fault);

#endif
