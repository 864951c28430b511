/* SPDX-License-Identifier: MIT */
/* The server: connections and their limits, and what each request may be. */
#ifndef USER_WEB_HTTP_H
#define USER_WEB_HTTP_H

#include <microhttpd.h>

#include "web/state.h"

#define HTTP_CONNECTIONS 256

/* NULL and a fault. Serves on the descriptor, which is its own, by threads, until http_stop(). */
struct MHD_Daemon *http_start(struct web *web, int descriptor, struct fault *fault);
void http_stop(struct MHD_Daemon *daemon);

#endif
