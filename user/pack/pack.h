/* SPDX-License-Identifier: MIT */
/* Git's pack format, in and out. */
#ifndef USER_PACK_PACK_H
#define USER_PACK_PACK_H

#include "pack/blobs.h"
#include "pack/bulk.h"
#include "pack/hash.h"
#include "pack/joining.h"
#include "pack/packdelta.h"
#include "pack/packfile.h"
#include "pack/packing.h"
#include "pack/packwrite.h"

#endif
