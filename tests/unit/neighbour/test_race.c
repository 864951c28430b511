/* SPDX-License-Identifier: MIT */
/* An outsider writes the map at the same moment as the agent. The agent finds and records each of
 * those writes once, in any order. */
#include <pthread.h>
#include <sched.h>

#include "fixture.h"

#define FIRST  0x0a000001u
#define HOSTS  6
#define WRITES 20000

struct outsider {
	struct world *world;
	int done;
};

/* Waits until the agent has noticed a word, which changes at least its flags. */
static void await_notice(const __u64 *binding, __u64 written)
{
	while (written && __atomic_load_n(binding, __ATOMIC_ACQUIRE) == written)
		sched_yield();
}

/* Writes each host in turn. The agent has noticed a host's last word before it gets another, so up
 * to HOSTS writes wait for the agent at once. */
static void *write_on(void *context)
{
	struct outsider *outsider = context;
	__u64 written[HOSTS] = {0};

	for (unsigned number = 1; number <= WRITES; number++) {
		__u64 *binding = &outsider->world->slots[1 + number % HOSTS].binding;
		union binding word = {.state = number % 3 ? SLOT_DYNAMIC : SLOT_STATIC};
		struct mac mac = station(number);

		memcpy(word.mac, mac.octet, 6);
		await_notice(binding, written[number % HOSTS]);
		__atomic_store_n(binding, word.word, __ATOMIC_RELEASE);
		written[number % HOSTS] = word.word;
	}
	for (unsigned host = 0; host < HOSTS; host++)
		await_notice(&outsider->world->slots[1 + host].binding, written[host]);
	__atomic_store_n(&outsider->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void every_write_of_an_outsider_is_recorded_once(void **state)
{
	struct world *world = world_new("10.0.0.0/29", "10.1.0.0/29");
	struct outsider outsider = {.world = world};
	pthread_t thread;

	(void)state;
	world_start(world, 3);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &outsider), 0);
	while (!__atomic_load_n(&outsider.done, __ATOMIC_ACQUIRE)) {
		unsigned before = world->changed_by[TASK_EXTERNAL];

		for (uint32_t host = 0; host < HOSTS; host++) {
			hear(world, FIRST + host, station(60001 + (unsigned)rand() % 2));
			declare(world, FIRST + host, ENTRY_STATIC, station(60003), NULL);
			declare(world, FIRST + host, ENTRY_DYNAMIC, station(60004), NULL);
		}
		neighbour_scan(world->neighbour, 7, &world->clock);
		/* The outsider waits for a CPU, then. */
		if (world->changed_by[TASK_EXTERNAL] == before)
			sched_yield();
	}
	pthread_join(thread, NULL);
	scan_all(world);
	assert_int_equal(world->changed_by[TASK_EXTERNAL], WRITES);
	assert_history_agrees(world);
	for (uint32_t host = 0; host < HOSTS; host++)
		assert_state(world, FIRST + host, view_of(world, FIRST + host).state);
	for (unsigned i = 0; i < world->alerted && i < NOTES_MAX; i++)
		assert_int_not_equal(world->alerts[i].kind, ALERT_EXTERNAL_INVALID);
	printf("%u writes of an outsider among %u changes\n", WRITES, world->changed);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_write_of_an_outsider_is_recorded_once),
	};

	/* The slots are those of IPv4. */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
