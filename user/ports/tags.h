/* SPDX-License-Identifier: MIT */
/*
 * Tags that an interface takes off a frame and tells beside it (rxvlan): XDP sees the frame without
 * them, and as if it were untagged. Asks ethtool's ioctl, and switches them; decides nothing.
 */
#ifndef USER_PORTS_TAGS_H
#define USER_PORTS_TAGS_H

#include <stdbool.h>

#include "base/base.h"

/* Kinds of tags. */
#define TAGS_8021Q  0x1
#define TAGS_8021AD 0x2

/* Which kinds are taken off; negative when nobody knows: -EOPNOTSUPP, -ENODEV. `veth` true: what
 * stands in the frame is shown whatever the feature says, and what its peer's kernel adds is not.
 */
int tags_hidden(const char *interface, bool *veth);
/* Whether those `kinds` are to be taken off. When the driver does otherwise: -EOPNOTSUPP, and the
 * fault says which feature it is. */
int tags_hide(const char *interface, unsigned kinds, bool hide, struct fault *fault);
/* As `ethtool -k` and `ethtool -K` call it. One kind. */
const char *tags_feature(unsigned kind);

#endif
