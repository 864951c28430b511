/* SPDX-License-Identifier: MIT */
/* Object ids, as git tells them. */
#ifndef USER_SYNC_IDS_H
#define USER_SYNC_IDS_H

#include "sync/request.h"

/* Where a reference is; "": it is not there. */
int ids_of_reference(const char *directory, const char *name, char id[SYNC_ID],
                     struct fault *fault);
/* Writes a file's text into the repository, as a blob. */
int ids_of_blob(const char *directory, const char *path, char id[SYNC_ID], struct fault *fault);

#endif
