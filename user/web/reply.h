/* SPDX-License-Identifier: MIT */
/* Answers of HTTP, with the headers that each of them has. */
#ifndef USER_WEB_REPLY_H
#define USER_WEB_REPLY_H

#include <jansson.h>
#include <microhttpd.h>

#include "web/state.h"

/* Sends the text, which is malloc'ed and taken over; NULL: the answer is that memory is out. */
enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status, const char *type,
                           char *text, size_t length);
/* Takes the object over. */
enum MHD_Result reply_json(struct MHD_Connection *connection, unsigned status, json_t *object);
/* {"error": "..."} */
enum MHD_Result reply_error(struct MHD_Connection *connection, unsigned status, const char *text);
/* Of the page; a 404 if the path has no file. */
enum MHD_Result reply_asset(struct MHD_Connection *connection, const char *path);
/* /events. */
enum MHD_Result reply_events(struct MHD_Connection *connection, struct web *web);

#endif
