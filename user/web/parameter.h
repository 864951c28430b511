/* SPDX-License-Identifier: MIT */
/* Parameters of a request. A fault names the parameter, what is wrong, and what is allowed. */
#ifndef USER_WEB_PARAMETER_H
#define USER_WEB_PARAMETER_H

#include "entry/entry.h"
#include "web/api.h"

/* The text; NULL: not given, or empty. */
const char *parameter_text(const struct api_request *request, const char *name);

/* Each leaves the value as it is if the parameter is not given. 0; -EINVAL and a fault. */

int parameter_number(size_t *number, const struct api_request *request, const char *name,
                     size_t least, size_t most, struct fault *fault);
/* Unix seconds, of a time as instant_read() takes it. */
int parameter_time(int64_t *time, const struct api_request *request, const char *name,
                   struct fault *fault);
/* `segment`: valid as long as the request. */
int parameter_segment(const char **segment, const struct api_request *request, struct fault *fault);
/* The full id of a commit, 40 digits; valid as long as the request. */
int parameter_commit(const char **commit, const struct api_request *request, const char *name,
                     struct fault *fault);
/* The number of one of the choices, which end with a NULL. */
int parameter_choice(int *choice, const struct api_request *request, const char *name,
                     const char *const *choices, struct fault *fault);
/* These point `given` to the value if there is one. */
int parameter_prefix(struct prefix *prefix, const struct prefix **given,
                     const struct api_request *request, const char *name, struct fault *fault);
int parameter_mac(struct mac *mac, const struct mac **given, const struct api_request *request,
                  const char *name, struct fault *fault);
int parameter_address(struct address *address, const struct address **given,
                      const struct api_request *request, const char *name, struct fault *fault);

/* The request's subject, an address or a MAC. It must be given. */
int parameter_subject_address(struct address *address, const struct api_request *request,
                              struct fault *fault);
int parameter_subject_mac(struct mac *mac, const struct api_request *request, struct fault *fault);

#endif
