/* SPDX-License-Identifier: MIT */
/* What differs between two moments: as `arpkeeper diff`. */
#ifndef USER_WEB_DIFF_H
#define USER_WEB_DIFF_H

#include "web/api.h"

int api_diff(const struct api_request *request, json_t **answer, struct fault *fault);

#endif
