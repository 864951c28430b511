/* SPDX-License-Identifier: MIT */
/* The life of an address: who held it from when to when, each change, and the alerts. */
#ifndef USER_WEB_ADDRESS_H
#define USER_WEB_ADDRESS_H

#include "web/api.h"

int api_address(const struct api_request *request, json_t **answer, struct fault *fault);

#endif
