/* SPDX-License-Identifier: MIT */
/* What a repository says of a fleet: its nodes, their claims by rank, and their words by time. */
#include "repository.h"

#include <errno.h>

#include "reader/reader.h"

#define SEEN_MAX 16

/* The next commit of a node's branch `ref`, at a second of 2026-11-22T10:15, with one claim: a
 * binding at 02:00:00:00:00:<mac>, or a mark. */
static void says(const struct sandbox *sandbox, const char *ref, const char *node, unsigned count,
                 unsigned second, unsigned host, const char *claim)
{
	shell_ok(sandbox,
	         "cd ../r.git && export GIT_INDEX_FILE=$PWD/index-%s-%u "
	         "GIT_COMMITTER_DATE='2026-11-22T10:15:%02uZ' && rm -f \"$GIT_INDEX_FILE\" && "
	         "{ git rev-parse -q --verify %s >/dev/null && git read-tree %s || true; } && "
	         "b=$(printf '%s' | git hash-object -w --stdin) && "
	         "git update-index --add --cacheinfo 100644,$b,lan/10.0/10.0.3/10.0.3.%u && "
	         "t=$(git write-tree) && "
	         "c=$(printf 'claim\\n\\nNode: %s\\nCount: %u\\nBoot: %032u\\n' | "
	         "git commit-tree $t $(git rev-parse -q --verify %s | sed 's/^/-p /')) && "
	         "git update-ref %s $c",
	         node, count, second, ref, ref, claim, host, node, count, 1u, ref, ref);
}

#define AT(mac, state, since)                                                                      \
	"mac 02:00:00:00:00:" mac "\\nstate " state "\\nsince 2026-11-22T10:15:" since "Z\\n"
#define GONE(since, after)                                                                         \
	"state gone\\nsince 2026-11-22T10:15:" since "Z\\nafter 2026-11-22T10:15:" after "Z\\n"

static struct reader *open_origin(const struct sandbox *sandbox)
{
	struct reader *reader;
	struct fault fault;

	assert_int_equal(reader_open(&reader, sandbox->origin, &fault), 0);
	return reader;
}

/* What was reported, a line each. */
struct seen {
	char line[SEEN_MAX][256];
	size_t lines, most;
};

static int note(struct seen *seen, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int note(struct seen *seen, const char *format, ...)
{
	va_list arguments;

	assert_true(seen->lines < SEEN_MAX);
	va_start(arguments, format);
	vsnprintf(seen->line[seen->lines++], sizeof(seen->line[0]), format, arguments);
	va_end(arguments);
	return seen->most && seen->lines >= seen->most;
}

static void expect(const struct seen *seen, const char *const *line)
{
	size_t lines = 0;

	for (; line[lines]; lines++) {
		assert_true(lines < seen->lines);
		assert_string_equal(seen->line[lines], line[lines]);
	}
	assert_int_equal(seen->lines, lines);
}

static int on_claim(void *context, const struct reader_claim *said)
{
	static const char *const state[] = {"none", "gone", "dynamic", "static"};

	return note(context, "%u %s %s %s %u", address_number(said->address) & 255, said->node,
	            state[said->claim.state], said->wins ? "wins" : "beaten", said->rule);
}

static void on_bad(const char *node, const char *path, const char *why)
{
	assert_string_equal(node, "bad");
	assert_string_equal(path, "lan/10.0/10.0.3/10.0.3.17");
	assert_non_null(strstr(why, "line 1"));
}

static void claims_come_by_rank_and_name_the_rule(void **state)
{
	const struct sandbox *sandbox = *state;
	struct reader_claims_query query = {0};
	struct range one = {ADDRESS_V4(0x0a000312), ADDRESS_V4(0x0a000312)};
	struct mac mac = {{2, 0, 0, 0, 0, 2}};
	struct seen all = {0}, some = {0};
	struct reader *reader;
	struct fault fault;

	says(sandbox, "refs/heads/node/lan/a", "a", 1, 1, 17, AT("01", "dynamic", "05"));
	says(sandbox, "refs/heads/node/lan/b", "b", 1, 1, 17, AT("02", "static", "03"));
	says(sandbox, "refs/heads/node/lan/c", "c", 1, 1, 17, AT("01", "dynamic", "04"));
	says(sandbox, "refs/heads/node/lan/a", "a", 2, 1, 18, GONE("09", "09"));
	says(sandbox, "refs/heads/node/lan/c", "c", 2, 1, 18, AT("03", "static", "08"));
	says(sandbox, "refs/heads/node/lan/c", "c", 3, 1, 19, AT("03", "static", "08"));
	says(sandbox, "refs/heads/node/lan/bad", "bad", 1, 1, 17, "nonsense\\n");
	reader = open_origin(sandbox);
	assert_int_equal(reader_claims(reader, &query, on_claim, on_bad, &all, &fault), 0);
	expect(&all, (const char *const[]){"17 b static wins 1", "17 a dynamic beaten 1",
	                                   "17 c dynamic beaten 1", "18 a gone wins 1",
	                                   "18 c static beaten 1", "19 c static wins 0", NULL});
	query.range = &one;
	assert_int_equal(reader_claims(reader, &query, on_claim, on_bad, &some, &fault), 0);
	expect(&some, (const char *const[]){"18 a gone wins 1", "18 c static beaten 1", NULL});
	query = (struct reader_claims_query){.mac = &mac};
	some.lines = 0;
	assert_int_equal(reader_claims(reader, &query, on_claim, on_bad, &some, &fault), 0);
	assert_int_equal(some.lines, 3);
	query = (struct reader_claims_query){.segment = "dmz"};
	some.lines = 0;
	assert_int_equal(reader_claims(reader, &query, on_claim, on_bad, &some, &fault), 0);
	assert_int_equal(some.lines, 0);
	reader_close(reader);
}

static int on_node(void *context, const struct reader_node *node)
{
	return note(context, "%s %s from %s: %s, %zu claims, behind %zu commits %zu claims%s%s",
	            node->node, node->segment, node->remotes,
	            node->retired ? "retired"
	            : node->held  ? "held"
	                          : "new",
	            node->claims, (size_t)node->behind.commits, node->behind.claims,
	            node->left_out ? ": " : "", node->left_out ? node->left_out : "");
}

static void nodes_say_what_was_fetched_and_why_a_branch_is_left_out(void **state)
{
	const struct sandbox *sandbox = *state;
	struct seen seen = {0};
	struct reader *reader;
	struct fault fault;

	says(sandbox, "refs/heads/node/lan/a", "a", 1, 1, 17, AT("01", "dynamic", "05"));
	shell_ok(sandbox,
	         "git -C ../r.git update-ref refs/fleet/from/hub/lan/a refs/heads/node/lan/a");
	says(sandbox, "refs/fleet/from/hub/lan/a", "a", 2, 2, 18, AT("01", "dynamic", "06"));
	says(sandbox, "refs/fleet/from/hub/lan/a", "a", 3, 3, 19, AT("01", "dynamic", "06"));
	says(sandbox, "refs/fleet/from/site/lan/b", "b", 1, 3, 20, AT("01", "dynamic", "06"));
	/* Another history. */
	says(sandbox, "refs/heads/node/lan/c", "c", 1, 1, 17, AT("01", "dynamic", "05"));
	says(sandbox, "refs/fleet/from/hub/lan/c", "c", 1, 1, 17, AT("02", "dynamic", "05"));
	says(sandbox, "refs/fleet/from/hub/lan/c", "c", 2, 1, 17, AT("03", "dynamic", "05"));
	/* A file that is not a claim; another's name. */
	says(sandbox, "refs/fleet/from/hub/lan/d", "d", 1, 1, 17, "nonsense\\n");
	says(sandbox, "refs/fleet/from/hub/lan/e", "a", 9, 1, 17, AT("02", "dynamic", "05"));
	says(sandbox, "refs/heads/node/lan/f", "f", 1, 1, 17, AT("01", "dynamic", "05"));
	shell_ok(sandbox,
	         "git -C ../r.git update-ref refs/fleet/retired/lan/f refs/heads/node/lan/f");
	reader = open_origin(sandbox);
	assert_int_equal(reader_nodes(reader, on_node, &seen, &fault), 0);
	reader_close(reader);
	assert_int_equal(seen.lines, 6);
	assert_string_equal(seen.line[0],
	                    "a lan from hub: held, 1 claims, behind 2 commits 2 claims");
	assert_string_equal(seen.line[1],
	                    "b lan from site: new, 0 claims, behind 1 commits 1 claims");
	assert_non_null(strstr(seen.line[2], "it does not go on from what it said before"));
	assert_non_null(strstr(seen.line[3], "10.0.3.17: line 1"));
	assert_non_null(strstr(seen.line[4], "is not of node e"));
	assert_string_equal(seen.line[5],
	                    "f lan from : retired, 1 claims, behind 0 commits 0 claims");
}

static int on_said(void *context, const struct reader_said *said)
{
	return note(context, "%s %u %s%s", said->node, address_number(said->address) & 255,
	            said->before ? "again" : "first", said->begins ? " begins" : "");
}

static void words_are_woven_by_time_and_stay_in_their_branch_s_order(void **state)
{
	const struct sandbox *sandbox = *state;
	const struct address address = address_v4(0x0a000311);
	struct reader_query query = {0};
	struct seen all = {0}, some = {.most = 2};
	struct reader *reader;
	struct fault fault;
	char shallow[128];

	says(sandbox, "refs/heads/node/lan/a", "a", 1, 1, 17, AT("01", "dynamic", "05"));
	says(sandbox, "refs/heads/node/lan/b", "b", 1, 2, 18, AT("02", "dynamic", "05"));
	says(sandbox, "refs/heads/node/lan/a", "a", 2, 3, 17, AT("03", "dynamic", "06"));
	/* Its clock was set back. */
	says(sandbox, "refs/heads/node/lan/b", "b", 2, 0, 18, AT("04", "dynamic", "06"));
	reader = open_origin(sandbox);
	assert_int_equal(reader_said(reader, &query, on_said, &all, &fault), 0);
	expect(&all,
	       (const char *const[]){"a 17 again", "a 17 first", "b 18 again", "b 18 first", NULL});
	query.address = &address;
	assert_int_equal(reader_said(reader, &query, on_said, &some, &fault), 0);
	expect(&some, (const char *const[]){"a 17 again", "a 17 first", NULL});
	query = (struct reader_query){.by = "b"};
	some = (struct seen){0};
	assert_int_equal(reader_said(reader, &query, on_said, &some, &fault), 0);
	expect(&some, (const char *const[]){"b 18 again", "b 18 first", NULL});
	reader_close(reader);
	/* A clone has them under another name, and a shallow one does not have all. */
	shell_ok(sandbox,
	         "git clone -q --depth 1 --no-single-branch \"file://$PWD/../r.git\" ../s");
	snprintf(shallow, sizeof(shallow), "%s/s", sandbox->directory);
	assert_int_equal(reader_open(&reader, shallow, &fault), 0);
	some = (struct seen){0};
	assert_int_equal(reader_said(reader, &query, on_said, &some, &fault), 0);
	expect(&some, (const char *const[]){"b 18 first begins", NULL});
	reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(claims_come_by_rank_and_name_the_rule, sandbox_open,
	                                        sandbox_close),
	        cmocka_unit_test_setup_teardown(
	                nodes_say_what_was_fetched_and_why_a_branch_is_left_out, sandbox_open,
	                sandbox_close),
	        cmocka_unit_test_setup_teardown(
	                words_are_woven_by_time_and_stay_in_their_branch_s_order, sandbox_open,
	                sandbox_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
