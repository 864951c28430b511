/* SPDX-License-Identifier: MIT */
/* Writes the sentence of a fault. It never prints, and never allocates: memory may have run out. */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault_set(struct fault *fault, int error, const char *format, ...)
{
	char text[FAULT_TEXT];
	va_list arguments;

	if (!fault)
		return error;
	/* An argument may be the fault's present text, in a sentence that wraps another one. */
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(fault->text, sizeof(fault->text), "%s", text);
	return error;
}
