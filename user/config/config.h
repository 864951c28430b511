/* SPDX-License-Identifier: MIT */
/*
 * The configuration: a file in git-config syntax, read through libgit2. Every key has a default.
 * An unknown section or key, or a bad value, is a fault with file and line.
 *
 *     struct config config;
 *
 *     error = config_init(&config);
 *     if (!error)
 *             error = config_read(&config, path, &fault);
 *     ...
 *     config_clear(&config);
 *
 * The command line may add segments and change values. config_check() checks the result.
 */
#ifndef USER_CONFIG_H
#define USER_CONFIG_H

#include "config/difference.h"
#include "config/keys.h"
#include "config/problems.h"
#include "config/read.h"
#include "config/remote.h"
#include "config/types.h"
#include "config/values.h"
#include "config/words.h"

#endif
