/* SPDX-License-Identifier: MIT */
/* The keys of `arpkeeper top`. */
#ifndef USER_CLI_TOPKEYS_H
#define USER_CLI_TOPKEYS_H

#include "cli/topscreen.h"

/* What a key did. */
enum topkeypress {
	TOPPRESS_NOTHING, /* no key is left */
	TOPPRESS_QUIT,
	TOPPRESS_VIEW, /* the choice of rows has changed */
	TOPPRESS_DRAW  /* something else has */
};

/* Takes the next key that was pressed. Never waits. */
enum topkeypress topkeys_take(struct topscreen *screen);

#endif
