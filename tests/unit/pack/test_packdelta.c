// SPDX-License-Identifier: MIT
/* Deltas between trees: what they are made from comes back, and damage is noticed or harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pack/packcodec.h"

static size_t make_tree(uint8_t *tree, unsigned names, unsigned seed)
{
	size_t size = 0;

	for (unsigned i = 0; i < names; i++) {
		if (rand() % 10 == 0)
			continue;
		size += (size_t)sprintf((char *)tree + size, "100644 10.0.%u.%03u", seed % 7, i) +
		        1;
		for (unsigned j = 0; j < 20; j++)
			tree[size++] = (uint8_t)((rand() % 4 ? 1 : (unsigned)rand()) * i + j);
	}
	return size;
}

static void a_delta_gives_back_what_it_was_made_from(void **state)
{
	static uint8_t one[20000], two[20000], delta[40000];
	uint8_t *again;
	size_t one_size, two_size, delta_size, again_size;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		one_size = make_tree(one, (unsigned)rand() % 300, i % 50 ? 0 : i);
		two_size = make_tree(two, (unsigned)rand() % 300, 0);
		if (i % 13 == 0) /* no tree at all */
			one[one_size / 2] ^= 0x55;
		delta_size = packdelta_tree(delta, sizeof(delta), one, one_size, two, two_size);
		assert_true(delta_size > 0);
		assert_int_equal(
		        packdelta_apply_new(&again, &again_size, one, one_size, delta, delta_size),
		        0);
		assert_int_equal(again_size, two_size);
		assert_memory_equal(again, two, two_size);
		free(again);
		assert_int_equal(
		        packdelta_tree(delta, delta_size - 1, one, one_size, two, two_size), 0);
		/* Damaged, it is refused, or makes something else: it never reads outside. */
		delta_size = packdelta_tree(delta, sizeof(delta), one, one_size, two, two_size);
		for (unsigned j = 0; j < 20; j++) {
			delta[(size_t)rand() % (delta_size + 1)] ^= (uint8_t)(1 << rand() % 8);
			if (packdelta_apply_new(&again, &again_size, one, one_size, delta,
			                        (size_t)rand() % (delta_size + 1)) == 0)
				free(again);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_delta_gives_back_what_it_was_made_from),
	};

	return cmocka_run_group_tests_name("packdelta", tests, NULL, NULL);
}
