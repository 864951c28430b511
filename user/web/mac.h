/* SPDX-License-Identifier: MIT */
/* The life of a MAC: which addresses it held, each change, and the alerts. */
#ifndef USER_WEB_MAC_H
#define USER_WEB_MAC_H

#include "web/api.h"

int api_mac(const struct api_request *request, json_t **answer, struct fault *fault);

#endif
