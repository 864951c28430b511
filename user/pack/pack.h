/* SPDX-License-Identifier: MIT */
/*
 * Git's pack format (gitformat-pack(5)), in and out. Knows files in a folder, and no repository:
 * which objects there are, and which references name them, is the caller's business.
 *
 * Written in great numbers, small and often:
 *
 *     packing_init(&packing, fault);
 *     packing_add(&packing, &id, type, data, size, fault);   and packing_add_delta(), ...
 *     pack_write(name, &keep, git_directory, &packing, hash, fault);
 *     ... references name the objects ...
 *     pack_settle(&keep);
 *     packing_restart(&packing);                             the next one
 *
 * Joined, many into one (packwrite.h has the second half):
 *
 *     packfile_open(&input[i].file, folder, name, fault);    for each
 *     joining_init(&joining, input, inputs, fault);
 *     packout_open(&out, aside, joining.objects, bytes, fault);
 *     joining_write(&joining, &out, fault);
 *
 * Read in great numbers: small blobs by blobs_read(), trees and commits by bulk_read().
 *
 * All of them write and read by the same codec: packcodec and packindex.
 */
#ifndef USER_PACK_PACK_H
#define USER_PACK_PACK_H

#include "pack/blobs.h"
#include "pack/bulk.h"
#include "pack/giterror.h"
#include "pack/hash.h"
#include "pack/joining.h"
#include "pack/packcodec.h"
#include "pack/packfile.h"
#include "pack/packing.h"
#include "pack/packplace.h"
#include "pack/packwrite.h"

#endif
