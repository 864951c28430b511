// SPDX-License-Identifier: MIT
/* The page of a program that was built without it, as unit tests are. A build's own assets, which
 * are no member of an archive, come before these. */
#include "web/assets.h"

static const unsigned char text[] =
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>arpkeeper</title>\n"
        "<h1>arpkeeper was built without its page</h1>\n"
        "<p>Its files come from npm. Where it is built: run <code>scripts/setup</code>, which "
        "installs npm, then <code>make</code>, and start <code>arpkeeper web</code> again.\n"
        "<p>All else works: <a href=\"/healthz\">/healthz</a>, <a "
        "href=\"/metrics\">/metrics</a>, <a href=\"/api/v1/table\">/api/v1/table</a>, <a "
        "href=\"/api/v1/status\">/api/v1/status</a>.\n</html>\n";

__attribute__((weak)) const struct web_asset web_assets[] = {
        {"/", "text/html; charset=utf-8", text, sizeof(text) - 1, false, "\"without\""},
};
__attribute__((weak)) const size_t web_assets_count = 1;
