/* SPDX-License-Identifier: MIT */
/*
 * Signs commits, if the repository's configuration says so, as git does for a person:
 *
 *     commit.gpgSign = true    gpg.format = ssh    user.signingKey = FILE
 *
 * by a child, `ssh-keygen -Y sign`, which takes some milliseconds. gpg is refused: it needs an
 * agent, and a socket to it, which the owner's sandbox has not.
 */
#ifndef USER_STORE_SIGNING_H
#define USER_STORE_SIGNING_H

#include <git2.h>
#include <stddef.h>

#include "base/base.h"

struct signer; /* opaque */

/* Reads the configuration, and tries the key. `*signer` NULL: nothing is to be signed. -EINVAL: the
 * configuration asks for what cannot be done. */
int signer_open(struct signer **signer, git_repository *repository, struct fault *fault);
void signer_free(struct signer *signer);
/* The header lines that go behind the committer's, malloc'ed. */
int signer_sign(const struct signer *signer, char **header, const char *text, size_t size,
                struct fault *fault);

#endif
