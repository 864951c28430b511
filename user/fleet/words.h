/* SPDX-License-Identifier: MIT */
/*
 * What the own branch says next. These functions decide; the caller prints the claim with the texts
 * of its entry, commits it, and then puts it into the index, with the id of its text.
 *
 * A new claim's `since` is a hybrid clock: now, or one second more than every `since` that stands
 * there. So a claim is greater than every claim its node has seen. An operator's word is also later
 * than the floor (floors.h).
 */
#ifndef USER_FLEET_WORDS_H
#define USER_FLEET_WORDS_H

#include "fleet/index.h"

enum fleet_word {
	FLEET_LEARN,   /* a host replied: said->mac. No word where the view says that MAC, or is
	                * static. */
	FLEET_EXPIRE,  /* a host is silent. No word unless the own claim is the view. Leaves a mark
	                * if  that hides something. */
	FLEET_DECLARE, /* an operator set said->mac, as said->state (dynamic: which voids a static)
	                */
	FLEET_UNSET,   /* an operator removed it. No word where the view shows nothing. */
	FLEET_WITHDRAW /* the address is the host's own, or another program removed the binding: the
	                * own claim goes, and never leaves a mark */
};

/*
 * What the own branch says there after something happened here. True: it changes, and *own is the
 * new claim (CLAIM_NONE: the file goes), its text's id zero. False: there is nothing to say; *own
 * is what stands. `said` may be NULL for words without a MAC; its times and its text are not read.
 * `now` is as in fleet_clock().
 */
bool fleet_say(const struct fleet *fleet, unsigned segment, struct address address,
               enum fleet_word word, const struct claim *said, int64_t now, struct claim *own);

/*
 * Rule 4, after any change there: an own claim that is beaten goes, and leaves a mark where it
 * hides another's present claim, which is lower; a mark that hides nothing goes, also when it is
 * beaten itself. True: *own is what the own branch says from now on, as above. One call is enough.
 */
bool fleet_tidy(const struct fleet *fleet, unsigned segment, struct address address,
                struct claim *own);

#endif
