/* SPDX-License-Identifier: MIT */
/* What the parts of the public face have in common. */
#ifndef USER_OFFLOAD_TYPES_H
#define USER_OFFLOAD_TYPES_H

#include "base/base.h"
#include "wire/wire.h"

struct offload;      /* the maps of one instance */
struct offload_port; /* the program on one interface */

enum offload_mode { OFFLOAD_AUTO, OFFLOAD_NATIVE, OFFLOAD_GENERIC };

#endif
