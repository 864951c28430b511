/* SPDX-License-Identifier: MIT */
/*
 * All processes that a program leaves behind, also those that moved to another session and whose
 * parents have ended: the kernel gives these to the nearest ancestor that asked for them. None can
 * leave again, and one cannot hide: the kernel lists children whatever they do.
 */
#ifndef USER_SANDBOX_DESCENDANTS_H
#define USER_SANDBOX_DESCENDANTS_H

/* From now on, orphans among this process's descendants become its children. 0 or an errno. */
int descendants_adopt(void);
/* Kills all of them, and waits until they are gone. Returns how many were killed; -ETIMEDOUT: some
 * did not end within two seconds; or another errno. */
int descendants_end(void);

#endif
