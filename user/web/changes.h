/* SPDX-License-Identifier: MIT */
/* Changes of main, newest first, page by page: as `arpkeeper log`. */
#ifndef USER_WEB_CHANGES_H
#define USER_WEB_CHANGES_H

#include "web/api.h"

int api_changes(const struct api_request *request, json_t **answer, struct fault *fault);

#endif
