/* SPDX-License-Identifier: MIT */
/* What history says, on its way to the keeper. */
#ifndef USER_RECORDER_TELL_H
#define USER_RECORDER_TELL_H

#include "recorder/state.h"

/* Functions of struct history_options; the context is the struct recorder. */
void tell_proposal(void *context, struct history_proposal *proposal);
void tell_progress(void *context, bool durable, const struct history_progress *progress);
void tell_notice(void *context, const char *line);
void tell_warning(void *context, const char *line);
void tell_raised(void *context, const struct history_alert *alert);
void tell_again(void *context);

/* For history_record() and its like. NULL: out of memory. */
struct wanted;
struct wanted *wanted_new(struct recorder *recorder, uint64_t number);
void tell_done(void *wanted, int status, const char *commit);
void tell_outcome(void *wanted, const struct history_outcome *outcome);
void tell_taken(void *wanted, int status, const char *commit);

/* The status, if it has changed. */
void tell_status(struct recorder *recorder);
/* Items, in as many messages of this kind as it takes. 0 or -EPIPE. */
int tell_items(struct recorder *recorder, enum packet_kind kind, struct history_item *item,
               size_t items);

#endif
