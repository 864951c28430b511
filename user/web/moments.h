/* SPDX-License-Identifier: MIT */
/* The table as it was at a moment, with the parameters and the rows of the live one. */
#ifndef USER_WEB_MOMENTS_H
#define USER_WEB_MOMENTS_H

#include "web/api.h"

#define MOMENTS_READ 100000 /* entries that are read for one answer */

int api_table_at(const struct api_request *request, json_t **answer, struct fault *fault);

#endif
