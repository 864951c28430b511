/* SPDX-License-Identifier: MIT */
/*
 * Commands against a real control socket: what they ask, what they print, and their exit
 * status. The agent behind the socket is a script of this test; each command runs in a child.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <argp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "control/control.h"

struct stage {
	char directory[64], path[128], output[128];
	uv_loop_t loop;
	uv_async_t stop;
	struct control *control;
	pthread_t thread;
	char asked[512];    /* the last request */
	const char *answer; /* to all; or NULL: refuse */
	const char *events; /* of `watch`, one after the other, then the end */
};

static void serve(void *context, const struct control_request *request)
{
	struct stage *stage = context;
	char *asked = json_dumps(request->body, JSON_COMPACT | JSON_SORT_KEYS);

	snprintf(stage->asked, sizeof(stage->asked), "%s", asked);
	free(asked);
	if (!stage->answer) {
		control_fail(stage->control, request->client, "no, because it rains");
		return;
	}
	if (!stage->events) {
		control_reply(stage->control, request->client, json_loads(stage->answer, 0, NULL));
		return;
	}
	control_subscribe(stage->control, request->client);
	for (const char *at = stage->events; *at; at += strcspn(at, "\n") + 1)
		control_publish(stage->control, json_loadb(at, strcspn(at, "\n"), 0, NULL));
	uv_async_send(&stage->stop); /* the agent ends */
}

static void close_control(uv_async_t *async)
{
	struct stage *stage = async->data;

	control_close(stage->control, NULL);
	uv_close((uv_handle_t *)async, NULL);
}

static void *run_loop(void *argument)
{
	uv_run(argument, UV_RUN_DEFAULT);
	return NULL;
}

static int raise_curtain(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	struct fault fault;

	strcpy(stage->directory, "/tmp/arpkeeper-cli-XXXXXX");
	assert_non_null(mkdtemp(stage->directory));
	snprintf(stage->path, sizeof(stage->path), "%s/control.sock", stage->directory);
	snprintf(stage->output, sizeof(stage->output), "%s/output", stage->directory);
	uv_loop_init(&stage->loop);
	uv_async_init(&stage->loop, &stage->stop, close_control);
	stage->stop.data = stage;
	assert_int_equal(
	        control_open(&stage->control, &stage->loop, stage->path, serve, stage, &fault), 0);
	*state = stage;
	return 0;
}

static int drop_curtain(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(uv_loop_close(&stage->loop), 0);
	unlink(stage->output);
	assert_int_equal(rmdir(stage->directory), 0);
	free(stage);
	return 0;
}

/* Runs a command line in a child, beside the agent's loop; its exit status. Both its outputs go
 * to stage->output. */
static int act(struct stage *stage, const char *line)
{
	char text[512], *argv[16], *word, *rest;
	int argc = 0, status;
	pid_t child;

	snprintf(text, sizeof(text), "%s", line);
	for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	argv[argc++] = "--control";
	argv[argc++] = stage->path;
	argv[argc] = NULL;
	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (!freopen(stage->output, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
			_exit(99);
		argp_err_exit_status = EXIT_USAGE;
		status = perform(commands_find(argv[0]), argc, argv);
		fflush(stdout);
		_exit(status);
	}
	pthread_create(&stage->thread, NULL, run_loop, &stage->loop);
	assert_int_equal(waitpid(child, &status, 0), child);
	uv_async_send(&stage->stop);
	pthread_join(stage->thread, NULL);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const char *output_of(const struct stage *stage)
{
	static char text[8192];
	FILE *file = fopen(stage->output, "re");

	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void assert_says(const struct stage *stage, const char *words)
{
	if (!strstr(output_of(stage), words))
		fail_msg("no '%s' in: %s", words, output_of(stage));
}

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define MAC    "02:50:2a:16:6d:01"

static void set_asks_the_agent_and_prints_the_commit(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"segment\":\"lan\",\"address\":\"10.0.3.17\",\"mac\":\"" MAC
	                "\",\"commit\":\"" COMMIT "\",\"changed\":true}";
	assert_int_equal(act(stage, "set 10.0.3.17 " MAC " --note rack -m swap"), EXIT_OK);
	assert_string_equal(stage->asked, "{\"address\":\"10.0.3.17\",\"command\":\"set\",\"mac\":"
	                                  "\"" MAC "\",\"message\":\"swap\",\"note\":\"rack\"}");
	assert_string_equal(output_of(stage),
	                    "10.0.3.17 is at " MAC " (static), commit 0123456789\n");
}

static void set_says_who_may_be_a_router(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"segment\":\"lan\",\"address\":\"fe80::1\",\"mac\":\"" MAC
	                "\",\"commit\":\"" COMMIT "\",\"changed\":true}";
	assert_int_equal(act(stage, "set fe80::1 " MAC " --role router"), EXIT_OK);
	assert_string_equal(stage->asked, "{\"address\":\"fe80::1\",\"command\":\"set\",\"mac\":"
	                                  "\"" MAC "\",\"role\":\"router\"}");
	assert_int_equal(act(stage, "set fe80::1 " MAC " --role host"), EXIT_USAGE);
}

#define TEN  "1234567890"
#define LONG TEN TEN TEN TEN TEN TEN TEN "12" /* 72 characters */

static void a_message_has_a_short_subject_and_a_body(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"address\":\"10.0.3.17\",\"changed\":false}";
	assert_int_equal(act(stage, "set 10.0.3.17 " MAC " -m " LONG " -m body -m " LONG "345"),
	                 EXIT_OK);
	assert_non_null(
	        strstr(stage->asked, "\"message\":\"" LONG "\\n\\nbody\\n\\n" LONG "345\""));
	assert_int_equal(act(stage, "set 10.0.3.17 " MAC " -m " LONG "3"), EXIT_USAGE);
	assert_says(stage, "has 73 characters, and at most 72 are allowed");
}

static void set_of_an_existing_binding_succeeds(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"address\":\"10.0.3.17\",\"mac\":\"" MAC "\",\"changed\":false}";
	assert_int_equal(act(stage, "set 10.0.3.17 " MAC), EXIT_OK);
	assert_says(stage, "already");
}

static void set_checks_its_arguments_before_it_asks(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(act(stage, "set 10.0.3.017 " MAC), EXIT_USAGE);
	assert_says(stage, "'10.0.3.017' is neither an address nor a prefix");
	assert_string_equal(stage->asked, "");
}

static void set_takes_ipv6_but_not_a_whole_network(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"segment\":\"lan\",\"address\":\"2001:db8::17\",\"mac\":\"" MAC
	                "\",\"commit\":\"" COMMIT "\",\"changed\":true}";
	assert_int_equal(act(stage, "set 2001:DB8:0:0::17 " MAC), EXIT_OK);
	assert_string_equal(output_of(stage),
	                    "2001:db8::17 is at " MAC " (static), commit 0123456789\n");
	stage->asked[0] = '\0';
	assert_int_equal(act(stage, "set 2001:db8::/64 " MAC), EXIT_USAGE);
	assert_says(stage, "2001:db8::/64 has more than 4 billion addresses: at most 4,096");
	assert_int_equal(act(stage, "set 2001:db8::-2001:db8::1:0:0:0 " MAC), EXIT_USAGE);
	assert_int_equal(act(stage, "set ::ffff:10.0.3.17 " MAC), EXIT_USAGE);
	assert_int_equal(act(stage, "set fe80::1%eth0 " MAC), EXIT_USAGE);
	assert_string_equal(stage->asked, "");
}

/* What is known of a network is of no such number. */
static void unset_takes_a_whole_network(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"addresses\":2,\"mac\":null,\"commit\":\"" COMMIT "\",\"changed\":true}";
	assert_int_equal(act(stage, "unset 2001:db8::/64"), EXIT_OK);
	assert_string_equal(stage->asked, "{\"address\":\"2001:db8::/64\",\"command\":\"unset\"}");
}

static void show_sorts_both_families_by_number(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	stage->events = "{\"entries\": [{\"address\": \"fe80::1\"}, {\"address\": "
	                "\"2001:db8::10\"}, {\"address\": \"10.0.3.17\"}, {\"address\": "
	                "\"2001:db8::9\"}, {\"address\": \"10.0.3.9\"}], \"end\": true}\n";
	assert_int_equal(act(stage, "show --sort address --json"), EXIT_OK);
	assert_string_equal(output_of(stage), "{\"entries\": [\n"
	                                      "  {\"address\": \"10.0.3.9\"},\n"
	                                      "  {\"address\": \"10.0.3.17\"},\n"
	                                      "  {\"address\": \"2001:db8::9\"},\n"
	                                      "  {\"address\": \"2001:db8::10\"},\n"
	                                      "  {\"address\": \"fe80::1\"}\n]}\n");
}

static void addresses_of_ipv6_are_completed(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	stage->events = "{\"entries\": [{\"address\": \"10.0.3.17\"}, {\"address\": "
	                "\"2001:db8::10\"}, {\"address\": \"2001:db8:0:7::1\"}], \"end\": "
	                "true}\n";
	assert_int_equal(act(stage, "complete addresses 2001:db8::"), EXIT_OK);
	assert_string_equal(output_of(stage), "2001:db8::10\n");
}

static void a_refusal_is_printed(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(act(stage, "unset 10.0.3.17"), EXIT_FAILED);
	assert_string_equal(output_of(stage), "error: no, because it rains\n");
}

static void bad_usage_has_status_2(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(act(stage, "set 10.0.3.17"), EXIT_USAGE);
	assert_says(stage, "give an address and a MAC");
}

static void show_prints_a_table(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	stage->events =
	        "{\"entries\":[{\"segment\":\"lan\",\"address\":\"10.0.3.17\",\"mac\":\"" MAC
	        "\",\"state\":\"static\",\"since\":null,\"seen\":null,\"origin\":null,"
	        "\"note\":\"rack 3\\u001b[2J\"}]}\n"
	        "{\"end\":true}\n";
	assert_int_equal(act(stage, "show 10.0.3.0/24 --state static"), EXIT_OK);
	assert_string_equal(
	        stage->asked,
	        "{\"command\":\"show\",\"mac\":null,\"prefix\":\"10.0.3.0/24\",\"segment\":null,"
	        "\"state\":\"static\",\"stream\":true}");
	assert_string_equal(
	        output_of(stage),
	        "ADDRESS    MAC                STATE   SINCE  SEEN  SEGMENT  ORIGIN  NOTE\n"
	        "10.0.3.17  " MAC "  static  -      -     lan      -       rack 3?[2J\n");
}

static void show_json_prints_the_agents_entries(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	stage->events = "{\"entries\":[]}\n{\"end\":true}\n";
	assert_int_equal(act(stage, "show --json"), EXIT_OK);
	assert_string_equal(output_of(stage), "{\"entries\": []}\n");
}

static void stats_for_prometheus(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"counters\":{\"answered\":42,\"arp_frames\":50}}";
	assert_int_equal(act(stage, "stats --prometheus"), EXIT_OK);
	assert_string_equal(output_of(stage),
	                    "# HELP arpkeeper_arp_frames_total ARP frames seen.\n"
	                    "# TYPE arpkeeper_arp_frames_total counter\n"
	                    "arpkeeper_arp_frames_total 50\n"
	                    "# HELP arpkeeper_answered_total requests answered here.\n"
	                    "# TYPE arpkeeper_answered_total counter\n"
	                    "arpkeeper_answered_total 42\n");
}

static void stats_for_prometheus_have_the_state_of_history(void **state)
{
	struct stage *stage = *state;

	stage->answer =
	        "{\"counters\":{},\"history\":{\"commits\":7,\"queued\":3,\"trouble\":true}}";
	assert_int_equal(act(stage, "stats --prometheus"), EXIT_OK);
	assert_says(stage, "# TYPE arpkeeper_history_trouble gauge\narpkeeper_history_trouble 1\n");
	assert_says(stage, "# TYPE arpkeeper_history_queued gauge\narpkeeper_history_queued 3\n");
	assert_says(stage, "arpkeeper_history_commits_total 7\n");
}

static void stats_for_prometheus_have_segments_ports_and_histograms(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"version\":\"1.2.3\",\"since\":\"1970-01-01T00:01:40Z\",\"counters\":{},"
	                "\"segments\":[{\"segment\":\"lan\",\"addresses\":{\"dynamic\":3},"
	                "\"changes\":{\"learn\":4}}],"
	                "\"ports\":[{\"interface\":\"eth0\",\"state\":\"gone\",\"mode\":null}],"
	                "\"flushes\":{\"buckets\":[{\"at_most_seconds\":0.0005,\"count\":1},"
	                "{\"at_most_seconds\":10.0,\"count\":2}],\"count\":3,\"sum_seconds\":12.5},"
	                "\"history\":{\"behind_seconds\":1.5}}";
	assert_int_equal(act(stage, "stats --prometheus"), EXIT_OK);
	assert_says(stage, "arpkeeper_build_info{version=\"1.2.3\"} 1\n");
	assert_says(stage, "arpkeeper_start_time_seconds 100\n");
	assert_says(stage, "arpkeeper_addresses{segment=\"lan\",state=\"dynamic\"} 3\n");
	assert_says(stage, "arpkeeper_changes_total{segment=\"lan\",task=\"learn\"} 4\n");
	assert_says(stage,
	            "arpkeeper_port_info{interface=\"eth0\",state=\"gone\",mode=\"none\"} 1\n");
	assert_says(stage, "# TYPE arpkeeper_history_flush_seconds histogram\n"
	                   "arpkeeper_history_flush_seconds_bucket{le=\"0.0005\"} 1\n"
	                   "arpkeeper_history_flush_seconds_bucket{le=\"10\"} 2\n"
	                   "arpkeeper_history_flush_seconds_bucket{le=\"+Inf\"} 3\n"
	                   "arpkeeper_history_flush_seconds_sum 12.5\n"
	                   "arpkeeper_history_flush_seconds_count 3\n");
	assert_says(stage, "arpkeeper_history_behind_seconds 1.5\n");
}

#define ALERTS                                                                                     \
	"{\"counters\":{},\"alerts\":[{\"kind\":\"conflict\",\"raised\":7,\"held_back\":4},"       \
	"{\"kind\":\"spoof\",\"raised\":0,\"held_back\":0}],\"history\":{\"alerts_dropped\":2}}"

static void stats_for_prometheus_have_alerts_by_kind(void **state)
{
	struct stage *stage = *state;

	stage->answer = ALERTS;
	assert_int_equal(act(stage, "stats --prometheus"), EXIT_OK);
	assert_says(stage, "# TYPE arpkeeper_alerts_total counter\n"
	                   "arpkeeper_alerts_total{kind=\"conflict\"} 7\n"
	                   "arpkeeper_alerts_total{kind=\"spoof\"} 0\n");
	assert_says(stage, "arpkeeper_alerts_held_back_total{kind=\"conflict\"} 4\n");
	assert_says(stage, "arpkeeper_history_alerts_dropped_total 2\n");
}

static void stats_have_a_table_of_alerts(void **state)
{
	struct stage *stage = *state;

	stage->answer = ALERTS;
	assert_int_equal(act(stage, "stats"), EXIT_OK);
	assert_says(stage, "ALERT     COUNT  HELD BACK\nconflict      7          4\n");
}

static void status_survives_an_agent_that_says_little(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	assert_int_equal(act(stage, "status"), EXIT_OK);
	assert_says(stage, "INTERFACE");
}

static void status_looks_itself_where_the_agent_does_not_know(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"repository\":{\"path\":\"/nowhere\"}}";
	assert_int_equal(act(stage, "status --json"), EXIT_OK);
	assert_says(stage, "\"outside\": null");
}

/* The repository, which is not there, is not opened. */
static void status_believes_an_agent_that_has_nothing_outside(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{\"repository\":{\"path\":\"/nowhere\"},"
	                "\"outside\":{\"entries\":0,\"paths\":[]}}";
	assert_int_equal(act(stage, "status --json"), EXIT_OK);
	assert_says(stage, "\"entries\": 0");
}

#define CHANGE                                                                                     \
	"{\"time\":\"2026-11-22T10:15:00Z\",\"type\":\"change\",\"task\":\"learn\",\"segment\":"   \
	"\"lan\",\"address\":\"10.0.3.17\",\"interface\":\"eth0\",\"trigger\":\"request\","        \
	"\"before\":null,\"after\":{\"mac\":\"" MAC "\",\"state\":\"dynamic\"}}\n"
#define ALERT                                                                                      \
	"{\"time\":\"2026-11-22T10:15:01Z\",\"type\":\"alert\",\"alert\":\"conflict\","            \
	"\"segment\":\"lan\",\"address\":\"10.0.3.17\",\"mac\":\"" MAC "\",\"other\":null,"        \
	"\"interface\":\"eth0\"}\n"

static void watch_prints_each_event_until_the_agent_ends(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	stage->events = CHANGE ALERT;
	assert_int_equal(act(stage, "watch"), EXIT_FAILED);
	assert_says(stage, "2026-11-22 10:15:00Z  lan      10.0.3.17        learned at " MAC
	                   " (eth0, request)\n");
	assert_says(stage, "ALERT conflict: " MAC " (eth0)\n");
	assert_says(stage, "the agent has ended the stream");
}

#define TAGGED                                                                                     \
	"{\"time\":\"2026-11-22T10:15:01Z\",\"type\":\"alert\",\"alert\":\"mismatch\","            \
	"\"segment\":\"lan\",\"address\":\"10.0.3.17\",\"mac\":\"" MAC "\","                       \
	"\"other\":\"02:00:00:00:00:99\",\"interface\":\"eth0\",\"vlan\":\"10.20\",\"text\":null}" \
	"\n"
#define ONE_TAG                                                                                    \
	"{\"time\":\"2026-11-22T10:15:01Z\",\"type\":\"alert\",\"alert\":\"bogon\","               \
	"\"segment\":\"lan\",\"address\":\"10.0.3.17\",\"mac\":\"" MAC "\",\"vlan\":10}\n"
#define FLOOD                                                                                      \
	"{\"time\":\"2026-11-22T10:15:01Z\",\"type\":\"alert\",\"alert\":\"flood\","               \
	"\"segment\":null,\"address\":null,\"mac\":null,\"other\":null,\"interface\":null,"        \
	"\"vlan\":null,\"text\":\"700 events were held back\"}\n"

static void watch_prints_tags_and_alerts_without_an_address(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	stage->events = TAGGED ONE_TAG FLOOD;
	assert_int_equal(act(stage, "watch"), EXIT_FAILED);
	assert_says(stage,
	            "ALERT mismatch: " MAC " against 02:00:00:00:00:99 (eth0, VLAN 10.20)\n");
	assert_says(stage, "ALERT bogon: " MAC " (VLAN 10)\n");
	assert_says(stage, "ALERT flood: 700 events were held back\n");
}

static void watch_json_has_an_object_a_line(void **state)
{
	struct stage *stage = *state;

	stage->answer = "{}";
	stage->events = CHANGE ALERT;
	assert_int_equal(act(stage, "watch --json"), EXIT_FAILED);
	assert_memory_equal(output_of(stage), CHANGE ALERT, strlen(CHANGE ALERT));
}

static void every_command_reports_that_no_agent_runs(void **state)
{
	struct stage *stage = *state;
	static const char *const names[] = {"status", "show", "stats", "watch", "stop"};
	char line[] = "x", *argv[] = {line, "--control", "/nonexistent/c.sock", NULL};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int status;
		pid_t child;

		fflush(NULL);
		child = fork();
		if (child == 0) {
			if (!freopen(stage->output, "w", stderr))
				_exit(99);
			_exit(perform(commands_find(names[i]), 3, argv));
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(WEXITSTATUS(status), EXIT_FAILED);
		assert_says(stage, "no agent listens on /nonexistent/c.sock");
	}
	uv_async_send(&stage->stop);
	uv_run(&stage->loop, UV_RUN_DEFAULT);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, raise_curtain, drop_curtain)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STAGED(set_asks_the_agent_and_prints_the_commit),
	        STAGED(set_says_who_may_be_a_router),
	        STAGED(set_of_an_existing_binding_succeeds),
	        STAGED(a_message_has_a_short_subject_and_a_body),
	        STAGED(set_checks_its_arguments_before_it_asks),
	        STAGED(set_takes_ipv6_but_not_a_whole_network),
	        STAGED(unset_takes_a_whole_network),
	        STAGED(show_sorts_both_families_by_number),
	        STAGED(addresses_of_ipv6_are_completed),
	        STAGED(a_refusal_is_printed),
	        STAGED(bad_usage_has_status_2),
	        STAGED(show_prints_a_table),
	        STAGED(show_json_prints_the_agents_entries),
	        STAGED(stats_for_prometheus),
	        STAGED(stats_for_prometheus_have_the_state_of_history),
	        STAGED(stats_for_prometheus_have_segments_ports_and_histograms),
	        STAGED(stats_for_prometheus_have_alerts_by_kind),
	        STAGED(stats_have_a_table_of_alerts),
	        STAGED(status_survives_an_agent_that_says_little),
	        STAGED(status_looks_itself_where_the_agent_does_not_know),
	        STAGED(status_believes_an_agent_that_has_nothing_outside),
	        STAGED(watch_prints_each_event_until_the_agent_ends),
	        STAGED(watch_prints_tags_and_alerts_without_an_address),
	        STAGED(watch_json_has_an_object_a_line),
	        STAGED(every_command_reports_that_no_agent_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
