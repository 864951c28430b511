/* SPDX-License-Identifier: MIT */
/* A history of a hundred days, for tests that thin it. */
#ifndef TESTS_UNIT_UPKEEP_OLD_HISTORY_H
#define TESTS_UNIT_UPKEEP_OLD_HISTORY_H

#define DAYS 100

/* A commit of main a day, each of one address; each tenth merges a task that began three before,
 * whose branch stays. The first is what the agent made, as long ago. */
static const char old_history[] =
        "NOW=$(date +%s) && awk -v now=\"$NOW\" -v days=100 '"
        "function entry(n) { text = sprintf(\"mac 02:00:00:00:00:%02x\\nstate static\\nsince "
        "2026-01-02T03:04:05Z\\n\", n); printf \"M 100644 inline lan/10.0/10.0.0/10.0.0.%d\\n"
        "data %d\\n%s\\n\", n, length(text), text }"
        "function begin(branch, mark, d) { printf \"commit refs/heads/%s\\nmark :%d\\ncommitter a "
        "<a@b> %d +0000\\ndata 4\\nd%03d\\n\", branch, mark, now - (days - d) * 86400 - 3600, d }"
        "BEGIN { for (d = 1; d <= days; d++) {"
        " if (d % 10 == 0) { begin(\"task/learn/20260101-\" sprintf(\"%06d\", d), 1000 + d, d - 1);"
        "  printf \"from :%d\\n\", d - 3; entry(100 + d) }"
        " begin(\"main\", d, d); if (d == 1) printf \"M 100644 inline README.md\\ndata 2\\nhi\\n\";"
        " else printf \"from :%d\\n\", d - 1;"
        " if (d % 10 == 0) { printf \"merge :%d\\n\", 1000 + d; entry(100 + d) }"
        " entry(d) } }' > stream && "
        "git -C \"$R\" -c fastimport.unpackLimit=1 "
        "fast-import --quiet < stream && git -C \"$R\" update-ref refs/arpkeeper/applied main~99";

#endif
