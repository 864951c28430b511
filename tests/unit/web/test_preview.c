/* SPDX-License-Identifier: MIT */
/* What the page gets of branches that wait to be looked at, without HTTP. */
#include "../reader/repository.h"

#include <errno.h>

#include "client/client.h"
#include "web/preview.h"

#define A "lan/10.0/10.0.3/10.0.3.17"
#define B "lan/10.0/10.0.3/10.0.3.18"

static const char *parameter(void *context, const char *name)
{
	return strcmp(name, "branch") == 0 ? context : NULL;
}

/* Calls a handler; its error. */
static int call(api_handler *handler, const struct sandbox *sandbox, const char *branch,
                json_t **answer, struct fault *fault)
{
	const struct api_request request = {.subject = "",
	                                    .parameter = parameter,
	                                    .context = (void *)branch,
	                                    .repository = sandbox->origin};

	*answer = NULL;
	return handler(&request, answer, fault);
}

static json_t *preview(const struct sandbox *sandbox, const char *branch)
{
	struct fault fault = {""};
	json_t *answer;

	if (call(api_preview, sandbox, branch, &answer, &fault))
		fail_msg("%s", fault.text);
	assert_non_null(answer);
	return answer;
}

static json_int_t total(const json_t *preview, const char *of)
{
	return json_number(json_object_get(preview, "total"), of);
}

/* main has A and B; a branch changes A, and main changes it meanwhile. */
static void make_conflict(const struct sandbox *sandbox)
{
	entry(sandbox, A, "02:00:00:00:00:01", "dynamic");
	entry(sandbox, B, "02:00:00:00:00:02", "static");
	shell_ok(sandbox, "git commit -qm both && git push -q origin main");
	entry(sandbox, A, "02:00:00:00:00:11", "dynamic");
	shell_ok(sandbox, "echo 'note <b onload=x()>' >>%s && git rm -q %s", A, B);
	shell_ok(sandbox, "git add -A && git commit -qm 'a <i>subject</i>' && "
	                  "git push -q origin HEAD:review/a");
	shell_ok(sandbox, "git reset -q --hard origin/main");
	entry(sandbox, A, "02:00:00:00:00:21", "static");
	shell_ok(sandbox, "git commit -qm main && git push -q origin main");
}

static void branches_that_wait_are_listed(void **state)
{
	const json_t *first;
	struct fault fault = {""};
	json_t *answer, *list;

	assert_int_equal(call(api_reviews, *state, NULL, &answer, &fault), 0);
	assert_int_equal(json_array_size(json_object_get(answer, "reviews")), 0);
	json_decref(answer);
	make_conflict(*state);
	shell_ok(*state, "git push -q origin HEAD:review/b HEAD:other");
	assert_int_equal(call(api_reviews, *state, NULL, &answer, &fault), 0);
	list = json_object_get(answer, "reviews");
	assert_int_equal(json_array_size(list), 2);
	first = json_array_get(list, 0);
	assert_string_equal(json_text(first, "branch"), "review/a");
	assert_string_equal(json_text(first, "author"), "Ann");
	assert_string_equal(json_text(first, "subject"), "a <i>subject</i>");
	assert_int_equal(strlen(json_text(first, "commit")), 40);
	assert_int_equal(strlen(json_text(first, "time")), 20);
	assert_true(json_is_false(json_object_get(first, "merged")));
	assert_true(json_is_true(json_object_get(json_array_get(list, 1), "merged")));
	json_decref(answer);
}

static void a_preview_has_what_changes_and_what_is_kept(void **state)
{
	json_t *answer, *change, *kept;

	make_conflict(*state);
	answer = preview(*state, "review/a");
	assert_string_equal(json_text(answer, "branch"), "review/a");
	assert_string_equal(json_text(answer, "command"), "arpkeeper merge review/a");
	assert_true(json_is_false(json_object_get(answer, "agent")));
	assert_int_equal(total(answer, "changes"), 1);
	assert_int_equal(total(answer, "kept"), 1);
	change = json_array_get(json_object_get(answer, "changes"), 0);
	assert_string_equal(json_text(change, "address"), "10.0.3.18");
	assert_string_equal(json_text(json_object_get(change, "now"), "mac"), "02:00:00:00:00:02");
	assert_true(json_is_null(json_object_get(change, "then")));
	assert_true(json_is_null(json_object_get(change, "why")));
	kept = json_array_get(json_object_get(answer, "kept"), 0);
	assert_string_equal(json_text(kept, "address"), "10.0.3.17");
	assert_string_equal(json_text(kept, "why"), "static beats dynamic");
	assert_string_equal(json_text(json_object_get(kept, "theirs"), "note"), "<b onload=x()>");
	assert_string_equal(json_text(json_object_get(kept, "ours"), "state"), "static");
	json_decref(answer);
}

static void of_many_changes_the_first_thousand_come_and_all_are_counted(void **state)
{
	json_t *answer;

	shell_ok(*state,
	         "for c in 1 2 3 4 5; do mkdir -p lan/10.0/10.0.$c; for d in $(seq 1 250); do "
	         "printf 'mac 02:00:00:00:%%02x:%%02x\\nstate static\\nsince "
	         "2026-11-22T10:15:00Z\\n' $c $d >lan/10.0/10.0.$c/10.0.$c.$d; done; done; "
	         "git add -A && git commit -qm many && git push -q origin HEAD:review/many");
	answer = preview(*state, "review/many");
	assert_int_equal(total(answer, "changes"), 1250);
	assert_int_equal(json_array_size(json_object_get(answer, "changes")), 1000);
	assert_true(json_is_false(json_object_get(json_object_get(answer, "guard"), "exceeds")));
	json_decref(answer);
	/* New addresses do not count; changed ones do. */
	shell_ok(*state,
	         "git push -q origin HEAD:main && sed -i 's/static/dynamic/' lan/10.0/*/* && "
	         "git commit -qam changed && git push -q origin HEAD:review/changed");
	answer = preview(*state, "review/changed");
	assert_true(json_is_true(json_object_get(json_object_get(answer, "guard"), "exceeds")));
	assert_string_equal(json_text(answer, "command"),
	                    "arpkeeper merge review/changed --confirm 1250");
	json_decref(answer);
}

static void what_is_invalid_is_listed_and_nothing_changes(void **state)
{
	const json_t *first;
	json_t *answer;

	entry(*state, A, "02:00:00:00:00:01", "nonsense");
	shell_ok(*state, "git commit -qm bad && git push -q origin HEAD:review/bad");
	answer = preview(*state, "review/bad");
	assert_int_equal(total(answer, "invalid"), 1);
	assert_int_equal(total(answer, "changes"), 0);
	assert_true(json_is_null(json_object_get(answer, "command")));
	first = json_array_get(json_object_get(answer, "invalid"), 0);
	assert_string_equal(json_text(first, "path"), A);
	assert_non_null(strstr(json_text(first, "reason"), "nonsense"));
	json_decref(answer);
	shell_ok(*state,
	         "git checkout -q --orphan alone && git rm -rqf . && echo x >x && git add x && "
	         "git commit -qm alone && git push -q origin HEAD:review/alone");
	answer = preview(*state, "review/alone");
	first = json_array_get(json_object_get(answer, "invalid"), 0);
	assert_true(json_is_null(json_object_get(first, "path")));
	assert_non_null(strstr(json_text(first, "reason"), "no history in common"));
	json_decref(answer);
}

static void what_is_not_there_is_said_so(void **state)
{
	struct fault fault = {""};
	json_t *answer;

	assert_int_equal(call(api_preview, *state, NULL, &answer, &fault), -EINVAL);
	assert_int_equal(call(api_preview, *state, "", &answer, &fault), -EINVAL);
	assert_int_equal(call(api_preview, *state, "review/none", &answer, &fault), -ENOENT);
	assert_int_equal(call(api_preview, *state, ":/start", &answer, &fault), -EINVAL);
	assert_int_equal(call(api_preview, *state, "../../etc", &answer, &fault), -EINVAL);
	assert_int_equal(call(api_preview, *state, "alerts", &answer, &fault), -EINVAL);
	assert_null(answer);
	assert_true(fault.text[0]);
}

static void nothing_is_written(void **state)
{
	static const char *const list = "cd ../r.git && find . -type f -exec cksum {} + | sort";
	json_t *answer;
	char *before;

	make_conflict(*state);
	shell_ok(*state, "%s", list);
	before = strdup(output_of(*state));
	answer = preview(*state, "review/a");
	json_decref(answer);
	shell_ok(*state, "%s", list);
	assert_string_equal(output_of(*state), before);
	free(before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(branches_that_wait_are_listed),
	        TEST(a_preview_has_what_changes_and_what_is_kept),
	        TEST(of_many_changes_the_first_thousand_come_and_all_are_counted),
	        TEST(what_is_invalid_is_listed_and_nothing_changes),
	        TEST(what_is_not_there_is_said_so),
	        TEST(nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
