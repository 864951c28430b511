/* SPDX-License-Identifier: MIT */
/* The page's files, embedded in the program: build/web/assets.c is made by user/web/page.mk. */
#ifndef USER_WEB_ASSETS_H
#define USER_WEB_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

struct web_asset {
	const char *path, *type; /* "/", "text/html; charset=utf-8" */
	const unsigned char *bytes;
	size_t length;
	bool gzipped;
	const char *etag; /* with its quotes */
};

extern const struct web_asset web_assets[];
extern const size_t web_assets_count;

#endif
