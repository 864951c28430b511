// SPDX-License-Identifier: MIT
/*
 * Requests that people push to a hub, and what a node does with them. The node's repository has
 * hooks of the test's own in place of the agent's: one refuses what has a file `bad`, the other
 * makes the pushed commit main.
 */
#include "hub.h"

#include <sched.h>

#define AS(node, more) ",\"node\":\"" node "\",\"operators\":{\"seconds\":60" more "}"
#define LEAF1          OWN AS("leaf1", "")
#define LEAF2          OWN AS("leaf2", "")

/* ask REPOSITORY NAME FILE: pushes to merge/NAME of the hub what changes FILE; its id is in $NAME.
 */
#define PEOPLE                                                                                     \
	"ask() {\n"                                                                                \
	"  rm -rf work && git clone -q \"$R\" work 2>/dev/null && (cd work && echo \"$2\" "        \
	">\"$3\" && git add . && git commit -q -m \"$2\" && git push -q ../$1 "                    \
	"HEAD:refs/heads/merge/$2 && git rev-parse HEAD >../\"$(basename $2)\".id)\n"              \
	"}\n"                                                                                      \
	"note() { git -C hub.git notes --ref=arpkeeper show $(cat $1.id); }\n"                     \
	"is_main() { git -C \"$R\" merge-base --is-ancestor $(cat $1.id) main; }\n"

#define people(hub, ...) does(hub, PEOPLE __VA_ARGS__)

static int begin(void **state)
{
	int error = hub_begin(state);
	struct hub *hub = *state;

	/* The words of refusals have the name of the reference, as the agent's have. */
	does(hub,
	     "git -C \"$R\" update-ref refs/heads/main $(git -C \"$R\" commit-tree -m begin "
	     "$(git -C \"$R\" mktree </dev/null)) && grow \"$R\" lan/own mine && "
	     "cat >\"$R\"/hooks/pre-receive <<'END'\n"
	     "#!/bin/sh\n"
	     "while read old new ref; do\n"
	     "  echo $ref >>judged\n"
	     "  test ! -e sick || ! git cat-file -e $new:sick 2>/dev/null || { echo out of memory "
	     ">&2; exit 1; }\n"
	     "  git cat-file -e $new:bad 2>/dev/null && { echo \"$ref is refused:\" >&2; echo "
	     "'bad: line 1: what is that?' >&2; exit 1; }\n"
	     "done\nexit 0\n"
	     "END\n"
	     "cat >\"$R\"/hooks/post-receive <<'END'\n"
	     "#!/bin/sh\n"
	     "test ! -e silent || exit 0\n"
	     "while read old new ref; do\n"
	     "  if git merge-base --is-ancestor $new main; then echo nothing to merge; else git "
	     "update-ref refs/heads/main $new && echo $new >>merged && echo \"merged "
	     "${ref#refs/heads/}: 1 changed\"; fi\n"
	     "  git update-ref -d $ref\n"
	     "done\nexit 0\n"
	     "END\n"
	     "chmod +x \"$R\"/hooks/p*-receive");
	return error;
}

/* Only what an exchange may leave. */
static void assert_clean(struct hub *hub)
{
	does(hub, "test -z \"$(git -C \"$R\" for-each-ref refs/heads/merge)\" && git -C hub.git "
	          "fsck --strict --no-dangling 2>/dev/null");
}

static void a_request_is_merged_noted_and_removed(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git fix f");
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && ! tip hub.git heads/merge/fix");
	people(hub, "note fix >said && printf 'merged merge/fix: 1 changed\\n\\nNode: leaf1\\n"
	            "Outcome: merged\\n' | cmp - said");
	assert_int_equal(hub->report.merged, 1);
	assert_int_equal(hub->report.waiting, 0);
	assert_string_equal(hub->report.holder, "leaf1");
	/* For who asks next. */
	does(hub, "test $(tip hub.git heads/table/leaf1) = $(tip \"$R\" heads/main)");
	does(hub, "test $(tip hub.git heads/node/lan/own) = $(tip \"$R\" heads/node/lan/own)");
	assert_clean(hub);
	/* Notes go on. */
	people(hub, "ask hub.git more g");
	exchange_well(hub, LEAF1);
	people(hub, "is_main more && note more && note fix");
	does(hub, "test $(git -C hub.git rev-list --count refs/notes/arpkeeper) = 2");
}

static void a_request_that_is_refused_has_the_words_of_a_push(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git ada/wrong bad && ask hub.git fine f");
	exchange_well(hub, LEAF1);
	people(hub, "! is_main wrong && is_main fine && ! tip hub.git heads/merge/ada/wrong");
	people(hub,
	       "note wrong >said && printf 'refs/heads/merge/ada/wrong is refused:\\nbad: line "
	       "1: what is that?\\n\\nNode: leaf1\\nOutcome: refused\\n' | cmp - said");
	assert_int_equal(hub->report.merged, 1);
	assert_int_equal(hub->report.declined, 1);
	/* Nothing of it is here. */
	people(hub, "! git -C \"$R\" cat-file -e $(cat wrong.id)");
	assert_clean(hub);
	/* Mended, and pushed under the same name. */
	people(hub, "ask hub.git ada/wrong f");
	exchange_well(hub, LEAF1);
	people(hub, "is_main wrong && note wrong | grep -qx 'Outcome: merged'");
}

/* The agent's own refusal, after the hook has let it pass. */
static enum sync_verdict declines(void *context, const char *reference, char *words, size_t size)
{
	assert_string_equal(reference, "refs/heads/merge/hub/late");
	snprintf(words, size, "merge/hub/late is refused, main is as it was\nwhy not");
	++*(int *)context;
	return SYNC_DECLINED;
}

static void what_the_agent_refuses_later_is_answered_too(void **state)
{
	struct hub *hub = *state;
	int asked = 0;

	people(hub, "ask hub.git late f && touch \"$R\"/silent");
	hub->ask = declines;
	hub->ask_context = &asked;
	exchange_well(hub, LEAF1);
	assert_int_equal(asked, 1);
	people(hub, "! is_main late && note late | head -1 | grep -qx 'merge/late is refused, main "
	            "is as it was' && ! tip hub.git heads/merge/late");
	assert_clean(hub);
}

static void what_is_not_decided_waits_and_is_answered_later(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git fix f && touch \"$R\"/silent");
	exchange_well(hub, LEAF1);
	assert_int_equal(hub->report.waiting, 1);
	people(hub, "tip hub.git heads/merge/fix && ! note fix 2>/dev/null && tip \"$R\" "
	            "heads/merge/hub/fix");
	/* The agent comes back, and merges what it finds. */
	people(hub, "rm \"$R\"/silent && git -C \"$R\" update-ref refs/heads/main $(cat fix.id) && "
	            "git -C \"$R\" update-ref -d refs/heads/merge/hub/fix");
	exchange_well(hub, LEAF1);
	assert_int_equal(hub->report.merged, 1);
	people(hub, "note fix | grep -qx 'Outcome: merged' && ! tip hub.git heads/merge/fix");
	assert_clean(hub);
}

/* A hook of the hub or of the node's repository that kills the exchange, at one of its pushes. */
static void kill_at(struct hub *hub, const char *place, const char *reference)
{
	does(hub,
	     "cat >%s/hooks/update <<END\n"
	     "#!/bin/sh\n"
	     "case \\$1 in %s) test ! -e $PWD/once || exit 0; touch $PWD/once; kill -9 $(cat "
	     "victim); sleep 0.2; exit 1 ;; esac\nexit 0\n"
	     "END\n"
	     "chmod +x %s/hooks/update; rm -f once",
	     place, reference, place);
}

/* An exchange by a process of its own, which is killed at that reference, and one that is not. */
static void dies_and_goes_on(struct hub *hub, const char *place, const char *reference)
{
	int status;
	pid_t child;

	does(hub, ": >victim");
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		FILE *file;
		char path[128];

		snprintf(path, sizeof(path), "%s/victim", hub->folder);
		file = fopen(path, "w");
		fprintf(file, "%d", getpid());
		fclose(file);
		kill_at(hub, place, reference);
		(void)exchange(hub, LEAF1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && note fix | grep -qx 'Outcome: merged' && ! tip hub.git "
	            "heads/merge/fix && test $(sort \"$R\"/merged | uniq -d | wc -l) = 0");
	assert_clean(hub);
}

static void killed_at_any_step_it_is_applied_once_and_answered(void **state)
{
	static const struct {
		const char *place, *reference;
	} step[] = {
	        {"hub.git", "refs/fleet/lease/operators"}, {"r.git", "refs/heads/merge/hub/fix"},
	        {"hub.git", "refs/heads/node/lan/own"},    {"hub.git", "refs/notes/arpkeeper"},
	        {"hub.git", "refs/heads/merge/fix"},       {"hub.git", "refs/heads/table/leaf1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		struct hub *hub;

		assert_int_equal(begin((void **)&hub), 0);
		people(hub, "ask hub.git fix f");
		dies_and_goes_on(hub, step[i].place, step[i].reference);
		hub_end((void **)&hub);
	}
}

static void only_the_holder_of_the_lease_takes_requests(void **state)
{
	struct hub *hub = *state;
	char more[300];

	exchange_well(hub, LEAF1);
	assert_string_equal(hub->report.holder, "leaf1");
	people(hub, "ask hub.git fix f");
	exchange_well(hub, LEAF2);
	assert_string_equal(hub->report.holder, "leaf1");
	assert_int_equal(hub->report.waiting, 1);
	people(hub, "! is_main fix && tip hub.git heads/merge/fix");
	/* It has been silent, but not for long enough; then, for long enough. */
	snprintf(more, sizeof(more), OWN AS("leaf2", ",\"lease\":\"%s\",\"unmoved\":59999"),
	         hub->report.lease);
	exchange_well(hub, more);
	assert_string_equal(hub->report.holder, "leaf1");
	/* Another lease than the one that was observed. */
	exchange_well(hub,
	              OWN AS("leaf2", ",\"lease\":\"0123456789012345678901234567890123456789\","
	                              "\"unmoved\":60000"));
	assert_string_equal(hub->report.holder, "leaf1");
	snprintf(more, sizeof(more), OWN AS("leaf2", ",\"lease\":\"%s\",\"unmoved\":60000"),
	         hub->report.lease);
	exchange_well(hub, more);
	assert_string_equal(hub->report.holder, "leaf2");
	assert_int_equal(hub->report.merged, 1);
	people(hub, "is_main fix && note fix | grep -qx 'Node: leaf2'");
	/* The one before comes back, and leaves it to the other. */
	people(hub, "ask hub.git more f");
	exchange_well(hub, LEAF1);
	assert_int_equal(hub->report.waiting, 1);
	people(hub, "! is_main more");
}

/* Two nodes read the same lease: the compare-and-swap lets one of them replace it. */
static void of_two_that_take_the_lease_at_once_one_gets_it(void **state)
{
	struct hub *hub = *state;

	/* The other one is faster, when this one's push has begun. */
	does(hub,
	     "cat >hub.git/hooks/pre-receive <<'END'\n"
	     "#!/bin/sh\n"
	     "read old new ref\n"
	     "test $ref = refs/fleet/lease/operators || exit 0\n"
	     "id=$(printf 'node leaf2\\ncount 1\\nseconds 60\\n' | env -u GIT_QUARANTINE_PATH -u "
	     "GIT_OBJECT_DIRECTORY git hash-object -w --stdin)\n"
	     "env -u GIT_QUARANTINE_PATH -u GIT_OBJECT_DIRECTORY git update-ref $ref $id\n"
	     "END\n"
	     "chmod +x hub.git/hooks/pre-receive");
	people(hub, "ask hub.git fix f");
	exchange_well(hub, LEAF1);
	assert_int_equal(hub->report.merged, 0);
	assert_int_equal(hub->report.waiting, 1);
	people(hub, "! is_main fix");
	exchange_well(hub, LEAF1);
	assert_string_equal(hub->report.holder, "leaf2");
}

static void a_quiet_holder_asks_for_nothing_more(void **state)
{
	struct hub *hub = *state;
	char more[300], before[64], after[64];

	exchange_well(hub, LEAF1);
	output(hub, before, sizeof(before),
	       "git -C %s/hub.git rev-parse refs/fleet/lease/operators", hub->folder);
	assert_string_equal(before, hub->report.lease);
	snprintf(more, sizeof(more), OWN AS("leaf1", ",\"lease\":\"%s\",\"holder\":\"leaf1\""),
	         before);
	exchange_well(hub, more);
	output(hub, after, sizeof(after), "git -C %s/hub.git rev-parse refs/fleet/lease/operators",
	       hub->folder);
	assert_string_equal(before, after);
	assert_string_equal(hub->report.lease, before);
	/* And publishes what main is. */
	does(hub, "git -C \"$R\" update-ref refs/heads/main $(git -C \"$R\" commit-tree -m more -p "
	          "main main^{tree})");
	exchange_well(hub, more);
	does(hub, "test $(tip hub.git heads/table/leaf1) = $(tip \"$R\" heads/main)");
}

static void without_the_word_nothing_is_taken(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git fix f");
	exchange_well(hub, OWN ",\"node\":\"leaf1\"");
	people(hub, "! is_main fix && tip hub.git heads/merge/fix && ! tip hub.git "
	            "fleet/lease/operators && ! tip hub.git heads/table/leaf1");
}

static void a_hub_that_takes_no_notes_keeps_the_request(void **state)
{
	struct hub *hub = *state;
	char more[300];

	does(hub,
	     "printf '#!/bin/sh\\ntest $1 != refs/notes/arpkeeper\\n' >hub.git/hooks/update && "
	     "chmod +x hub.git/hooks/update");
	people(hub, "ask hub.git fix f");
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && tip hub.git heads/merge/fix");
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "merge/fix");
	assert_int_equal(hub->report.refused[0].why, SYNC_UNANSWERED);
	assert_non_null(strstr(hub->report.refused[0].text, "it is merged"));
	/* Who remembers that need not try again; others' requests go on. */
	snprintf(more, sizeof(more), LEAF1 ",\"skip\":{\"merge/fix\":\"%s\"}",
	         hub->report.refused[0].id);
	people(hub, "rm hub.git/hooks/update && ask hub.git more g");
	exchange_well(hub, more);
	assert_int_equal(hub->report.merged, 1);
	people(hub, "is_main more && note more && tip hub.git heads/merge/fix");
	exchange_well(hub, LEAF1);
	people(hub, "note fix && ! tip hub.git heads/merge/fix");
}

static void a_hub_that_removes_nothing_has_the_note(void **state)
{
	struct hub *hub = *state;

	does(hub, "git -C hub.git config receive.denyDeletes true");
	people(hub, "ask hub.git fix f");
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && note fix && tip hub.git heads/merge/fix");
	assert_int_equal(hub->report.refused[0].why, SYNC_UNANSWERED);
	assert_non_null(strstr(hub->report.refused[0].text, "removal"));
	/* Not merged again, not noted again. */
	exchange_well(hub, LEAF1);
	does(hub,
	     "test $(git -C hub.git rev-list --count refs/notes/arpkeeper) = 1 && test $(wc -l "
	     "<\"$R\"/merged) = 1");
}

static void a_request_that_moves_meanwhile_is_answered_for_what_it_was(void **state)
{
	struct hub *hub = *state;

	/* When the note comes, the request is pushed again. */
	people(hub, "ask hub.git fix f && git -C hub.git fetch -q \"$R\" main && cat "
	            ">hub.git/hooks/post-receive <<'END'\n"
	            "#!/bin/sh\n"
	            "read old new ref\n"
	            "test $ref = refs/notes/arpkeeper || exit 0\n"
	            "rm -f hooks/post-receive\n"
	            "export GIT_AUTHOR_NAME=p GIT_AUTHOR_EMAIL=p@x GIT_COMMITTER_NAME=p "
	            "GIT_COMMITTER_EMAIL=p@x\n"
	            "git update-ref refs/heads/merge/fix $(git commit-tree -m again -p "
	            "refs/heads/merge/fix refs/heads/merge/fix^{tree})\n"
	            "END\n"
	            "chmod +x hub.git/hooks/post-receive");
	exchange_well(hub, LEAF1);
	people(hub, "note fix && tip hub.git heads/merge/fix >fix.id");
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && note fix && ! tip hub.git heads/merge/fix");
}

/* --- a hub that lies -------------------------------------------------------------------------- */

static void names_that_are_options_or_paths_are_left_alone(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git fix f && cd hub.git && for name in '-x' '--upload-pack=touch' "
	            "'a;b' $(printf %%0120d 1); do mkdir -p \"refs/heads/merge\" && cp "
	            "refs/heads/merge/fix \"refs/heads/merge/$name\"; done; mkdir "
	            "refs/heads/merge/a && cp refs/heads/merge/fix refs/heads/merge/a/-b");
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && ! tip hub.git heads/merge/fix && test -e "
	            "hub.git/refs/heads/merge/-x && test $(wc -l <\"$R\"/judged) = 1");
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "merge/?");
}

static void what_is_not_a_commit_or_not_whole_is_left_out(void **state)
{
	struct hub *hub = *state;

	people(hub,
	       "ask hub.git fix f && ask hub.git gone g && ask hub.git big h && git -C hub.git "
	       "update-ref refs/fleet/x $(git -C hub.git hash-object -w ../fix.id) && git -C "
	       "hub.git rev-parse refs/fleet/x >hub.git/refs/heads/merge/blob && blob=$(git -C "
	       "hub.git rev-parse merge/gone:g) && rm -f hub.git/objects/$(echo $blob | cut "
	       "-c1-2)/$(echo $blob | cut -c3-)");
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && ! is_main gone && ! tip \"$R\" heads/merge/hub/blob");
	assert_int_equal(hub->report.refusals, 2);
	assert_int_equal(hub->report.refused[0].why, SYNC_INVALID);
	assert_int_equal(hub->report.refused[1].why, SYNC_INVALID);
	/* The person is told, and the request stays. */
	people(hub,
	       "tip hub.git heads/merge/gone && note gone >said && grep -qx 'Outcome: left "
	       "out' said && grep -q '^merge/gone is left out: ' said && grep -q 'pushed anew' "
	       "said && note fix | grep -qx 'Outcome: merged'");
	/* It was the hub's fault, and is tried again when the agent forgets what it left out. */
	people(hub, "echo gone | git -C hub.git hash-object -w --stdin");
	exchange_well(hub, LEAF1);
	people(hub, "is_main gone && ! tip hub.git heads/merge/gone && note gone | grep -qx "
	            "'Outcome: merged'");
}

/* Killed, or without memory. */
static void a_hook_that_judges_nothing_refuses_nothing(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git ill sick && ask hub.git well f && touch \"$R\"/sick");
	assert_int_equal(exchange(hub, LEAF1), -EREMOTEIO);
	assert_non_null(strstr(hub->fault.text, "merge/ill cannot be handed over, and waits"));
	assert_non_null(strstr(hub->fault.text, "out of memory"));
	/* It is not in the way of what comes behind it. */
	people(hub, "is_main well && note well | grep -qx 'Outcome: merged' && tip hub.git "
	            "heads/merge/ill && ! note ill 2>/dev/null");
	people(hub, "rm \"$R\"/sick");
	exchange_well(hub, LEAF1);
	people(hub, "is_main ill && note ill | grep -qx 'Outcome: merged' && ! tip hub.git "
	            "heads/merge/ill");
	assert_clean(hub);
}

/* As history.keep leaves it: the file `shallow`, and nothing that is older. */
#define THIN                                                                                       \
	"git -C \"$R\" rev-parse main~1 >\"$R\"/shallow && git -C \"$R\" reflog expire "           \
	"--expire=now "                                                                            \
	"--all && git -C \"$R\" gc -q --prune=now && ! git -C \"$R\" cat-file -e $old "

static void a_thinned_table_goes_on_at_the_hub(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git one f");
	/* One that is whole is tried again: the hub may have been full. */
	exchange_well(hub, LEAF1 ",\"skip\":{\"table\":\"x\"}");
	does(hub, "test $(tip hub.git heads/table/leaf1) = $(tip \"$R\" heads/main)");
	people(hub, "ask hub.git two f");
	exchange_well(hub, LEAF1);
	people(hub, "ask hub.git three f");
	exchange_well(hub, LEAF1);
	people(hub, "old=$(git -C \"$R\" rev-parse main~2); " THIN);
	people(hub, "ask hub.git four f");
	exchange_well(hub, LEAF1);
	people(hub, "is_main four && note four | grep -qx 'Outcome: merged'");
	does(hub, "test $(tip hub.git heads/table/leaf1) = $(tip \"$R\" heads/main)");
	/* A hub that is wiped takes it only if it may begin somewhere. The rest goes on. */
	does(hub, "rm -rf hub.git && git init -q --bare hub.git");
	exchange_well(hub, LEAF1);
	assert_int_equal(hub->report.refusals, 1);
	assert_string_equal(hub->report.refused[0].name, "table");
	assert_non_null(strstr(hub->report.refused[0].text, "shallow update not allowed"));
	assert_non_null(strstr(hub->report.refused[0].text, "receive.shallowUpdate true"));
	does(hub, "! tip hub.git heads/table/leaf1 && test $(tip hub.git heads/node/lan/own) = "
	          "$(tip \"$R\" heads/node/lan/own)");
	/* It is not sent again and again. */
	exchange_well(hub, LEAF1 ",\"skip\":{\"table\":\"x\"}");
	assert_int_equal(hub->report.refusals, 0);
	does(hub, "git -C hub.git config receive.shallowUpdate true");
	exchange_well(hub, LEAF1);
	does(hub, "test $(tip hub.git heads/table/leaf1) = $(tip \"$R\" heads/main) && git -C "
	          "hub.git fsck --strict && cmp hub.git/shallow \"$R\"/shallow && git clone -q -b "
	          "table/leaf1 hub.git person && cd person && echo 5 >f && git commit -qam five && "
	          "git push -q origin HEAD:merge/five && git rev-parse HEAD >../five.id");
	exchange_well(hub, LEAF1);
	people(hub, "is_main five && note five | grep -qx 'Outcome: merged'");
	does(hub, "test $(tip hub.git heads/table/leaf1) = $(tip \"$R\" heads/main) && ! test -e "
	          "\"$R\"/shallow.lock");
}

static void a_round_takes_a_bounded_number(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git fix f && for i in $(seq 10 39); do git -C hub.git update-ref "
	            "refs/heads/merge/n$i merge/fix; done");
	exchange_well(hub, LEAF1);
	assert_int_equal(hub->report.waiting, 31 - 15);
	does(hub, "test $(wc -l <\"$R\"/judged) = 15 && test $(wc -l <\"$R\"/merged) = 1");
	exchange_well(hub, LEAF1);
	exchange_well(hub, LEAF1);
	assert_int_equal(hub->report.waiting, 0);
}

static void a_lease_that_is_garbage_is_taken_when_it_does_not_change(void **state)
{
	struct hub *hub = *state;
	char more[300];

	people(hub, "ask hub.git fix f && git -C hub.git update-ref refs/fleet/lease/operators "
	            "$(head -c 100000 /dev/zero | git -C hub.git hash-object -w --stdin)");
	exchange_well(hub, LEAF1);
	assert_string_equal(hub->report.holder, "");
	people(hub, "! is_main fix");
	snprintf(more, sizeof(more), OWN AS("leaf1", ",\"lease\":\"%s\",\"unmoved\":60000"),
	         hub->report.lease);
	exchange_well(hub, more);
	people(hub, "is_main fix");
	/* One that names a time without end. */
	people(hub, "ask hub.git more f && git -C hub.git update-ref refs/fleet/lease/operators "
	            "$(printf 'node leaf9\\ncount 1\\nseconds 9999999999\\n' | git -C hub.git "
	            "hash-object -w --stdin)");
	exchange_well(hub, LEAF1);
	snprintf(more, sizeof(more), OWN AS("leaf1", ",\"lease\":\"%s\",\"unmoved\":3600000"),
	         hub->report.lease);
	exchange_well(hub, more);
	people(hub, "is_main more");
}

static void notes_that_are_none_are_replaced(void **state)
{
	struct hub *hub = *state;

	people(hub, "ask hub.git fix f && git -C hub.git update-ref refs/notes/arpkeeper $(git -C "
	            "hub.git hash-object -w ../fix.id)");
	exchange_well(hub, LEAF1);
	people(hub, "is_main fix && note fix");
	/* And a history of notes that another one wrote instead goes on. */
	people(hub, "git -C hub.git update-ref -d refs/notes/arpkeeper && git -C hub.git notes "
	            "--ref=arpkeeper add -m theirs $(cat fix.id) && ask hub.git more f");
	exchange_well(hub, LEAF1);
	people(hub, "note more && note fix | grep -qx theirs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, hub_end)
	        TEST(a_request_is_merged_noted_and_removed),
	        TEST(a_request_that_is_refused_has_the_words_of_a_push),
	        TEST(what_the_agent_refuses_later_is_answered_too),
	        TEST(what_is_not_decided_waits_and_is_answered_later),
	        cmocka_unit_test(killed_at_any_step_it_is_applied_once_and_answered),
	        TEST(only_the_holder_of_the_lease_takes_requests),
	        TEST(of_two_that_take_the_lease_at_once_one_gets_it),
	        TEST(a_quiet_holder_asks_for_nothing_more),
	        TEST(without_the_word_nothing_is_taken),
	        TEST(a_hub_that_takes_no_notes_keeps_the_request),
	        TEST(a_hub_that_removes_nothing_has_the_note),
	        TEST(a_request_that_moves_meanwhile_is_answered_for_what_it_was),
	        TEST(names_that_are_options_or_paths_are_left_alone),
	        TEST(what_is_not_a_commit_or_not_whole_is_left_out),
	        TEST(a_hook_that_judges_nothing_refuses_nothing),
	        TEST(a_thinned_table_goes_on_at_the_hub),
	        TEST(a_round_takes_a_bounded_number),
	        TEST(a_lease_that_is_garbage_is_taken_when_it_does_not_change),
	        TEST(notes_that_are_none_are_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
