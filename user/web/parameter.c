// SPDX-License-Identifier: MIT
/* Reads parameters. Never repeats a text in a fault as it is: it may be of any bytes. */
#include "web/parameter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/instant.h"

#define SHOWN 80 /* bytes of a text in a fault */

const char *parameter_text(const struct api_request *request, const char *name)
{
	const char *text = request->parameter(request->context, name);

	return text && *text ? text : NULL;
}

static int refuse(struct fault *fault, const char *name, const char *text, const char *what)
{
	char shown[SHOWN];

	snprintf(shown, sizeof(shown), "%s", text);
	text_mend(shown);
	return fault_set(fault, -EINVAL, "%s: '%s' is not %s", name, shown, what);
}

int parameter_number(size_t *number, const struct api_request *request, const char *name,
                     size_t least, size_t most, struct fault *fault)
{
	const char *text = parameter_text(request, name);
	char allowed[64];
	unsigned long value;
	char *end;

	if (!text)
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && value >= least && value <= most) {
		*number = value;
		return 0;
	}
	snprintf(allowed, sizeof(allowed), "a number from %zu to %zu", least, most);
	return refuse(fault, name, text, allowed);
}

int parameter_time(int64_t *moment, const struct api_request *request, const char *name,
                   struct fault *fault)
{
	const char *text = parameter_text(request, name);
	int error = text ? instant_read(moment, text, time(NULL)) : 0;

	if (error == -ERANGE)
		return refuse(fault, name, text, "a time up to now: it lies in the future");
	return error ? refuse(fault, name, text, "a time: give " INSTANT_EXAMPLES) : 0;
}

int parameter_segment(const char **segment, const struct api_request *request, struct fault *fault)
{
	const char *text = parameter_text(request, "segment");

	if (text && !segment_name_is_valid(text))
		return refuse(fault, "segment", text,
		              "the name of a segment: letters, digits, '-', '_' and '.'");
	if (text)
		*segment = text;
	return 0;
}

int parameter_commit(const char **commit, const struct api_request *request, const char *name,
                     struct fault *fault)
{
	const char *text = parameter_text(request, name);

	if (text && (strlen(text) != 40 || strspn(text, "0123456789abcdef") != 40))
		return refuse(fault, name, text, "a commit: give all 40 hexadecimal digits");
	if (text)
		*commit = text;
	return 0;
}

int parameter_choice(int *choice, const struct api_request *request, const char *name,
                     const char *const *choices, struct fault *fault)
{
	const char *text = parameter_text(request, name);
	char allowed[256] = "one of";
	size_t used = strlen(allowed);

	if (!text)
		return 0;
	for (int i = 0; choices[i]; i++) {
		if (strcmp(choices[i], text) == 0) {
			*choice = i;
			return 0;
		}
		if (*choices[i] && used < sizeof(allowed))
			used += (size_t)snprintf(allowed + used, sizeof(allowed) - used, "%s%s",
			                         used > strlen("one of") ? ", " : " ", choices[i]);
	}
	return refuse(fault, name, text, allowed);
}

int parameter_prefix(struct prefix *prefix, const struct prefix **given,
                     const struct api_request *request, const char *name, struct fault *fault)
{
	const char *text = parameter_text(request, name);
	struct fault why;

	if (!text)
		return 0;
	if (prefix_parse(prefix, text, &why) < 0)
		return refuse(fault, name, text,
		              "a prefix like 10.0.3.0/24 or 2001:db8::/64, or an address");
	*given = prefix;
	return 0;
}

int parameter_mac(struct mac *mac, const struct mac **given, const struct api_request *request,
                  const char *name, struct fault *fault)
{
	const char *text = parameter_text(request, name);

	if (!text)
		return 0;
	if (mac_read(mac, text) < 0)
		return refuse(fault, name, text, "a MAC address like 02:50:2a:16:6d:01");
	*given = mac;
	return 0;
}

int parameter_address(struct address *address, const struct address **given,
                      const struct api_request *request, const char *name, struct fault *fault)
{
	const char *text = parameter_text(request, name);

	if (!text)
		return 0;
	if (address_parse(address, text) < 0)
		return refuse(fault, name, text, "an address like 10.0.3.17 or 2001:db8::17");
	*given = address;
	return 0;
}

int parameter_subject_address(struct address *address, const struct api_request *request,
                              struct fault *fault)
{
	if (address_parse(address, request->subject) < 0)
		return refuse(fault, "address", request->subject,
		              "an address like 10.0.3.17 or 2001:db8::17");
	return 0;
}

int parameter_subject_mac(struct mac *mac, const struct api_request *request, struct fault *fault)
{
	if (mac_read(mac, request->subject) < 0)
		return refuse(fault, "mac", request->subject,
		              "a MAC address like 02:50:2a:16:6d:01");
	return 0;
}
