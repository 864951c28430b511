// SPDX-License-Identifier: MIT
/*
 * Frames at every offset from an aligned word. The program reads MACs as words and addresses as
 * half words, wherever they lie (bpf/word.h). A program before it moves the start of the frame, as
 * another program of a dispatcher may.
 */
#include "rig.h"

#define ASKER   MAC(0x0a)
#define TARGET  MAC(0x0b)
#define ASKING  IP(10, 0, 0, 10)
#define ASKED   IP(10, 0, 0, 11)
#define OFFSETS 8

static int programs_map(const struct rig *rig)
{
	int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, NULL, sizeof(uint32_t), sizeof(uint32_t),
	                         1, NULL);
	uint32_t key = 0, program = (uint32_t)bpf_program__fd(rig->bpf->progs.arpkeeper);

	assert_true(map >= 0);
	assert_int_equal(bpf_map_update_elem(map, &key, &program, BPF_ANY), 0);
	return map;
}

/* Cuts `offset` bytes off the frame's start, then goes on with the program in the map. */
static int mover_load(int map, int offset)
{
	const struct bpf_insn code[] = {
	        {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1},
	        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = offset},
	        {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_xdp_adjust_head},
	        {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 6},
	        {.code = BPF_LD | BPF_DW, /* BPF_IMM is 0 */
	         .dst_reg = 2,
	         .src_reg = BPF_PSEUDO_MAP_FD,
	         .imm = map},
	        {0},
	        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0},
	        {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call},
	        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_ABORTED},
	        {.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP);
	int program = bpf_prog_load(BPF_PROG_TYPE_XDP, "mover", "Dual MIT/GPL", code,
	                            sizeof(code) / sizeof(*code), &options);

	assert_true(program >= 0);
	return program;
}

/* Sends the frame `offset` bytes further on. Returns the action. */
static int send_at(struct rig *rig, int mover, int offset, const uint8_t *frame, unsigned length)
{
	uint8_t moved[FRAME_MAX + OFFSETS] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = moved,
	            .data_size_in = length + (unsigned)offset, .data_out = rig->out,
	            .data_size_out = sizeof(rig->out), .repeat = 1);

	memcpy(moved + offset, frame, length);
	assert_int_equal(bpf_prog_test_run_opts(mover, &options), 0);
	rig->out_length = options.data_size_out;
	return (int)options.retval;
}

static void a_frame_is_answered_at_any_offset(void **state)
{
	struct rig *rig = *state;
	int map = programs_map(rig);

	rig_bind(rig, 10, SLOT_DYNAMIC, 0, ASKER);
	rig_bind(rig, 11, SLOT_STATIC, SLOT_ANSWER, TARGET);
	for (int offset = 0; offset < OFFSETS; offset++) {
		int mover = mover_load(map, offset);

		for (int tags = 0; tags <= 2; tags++) {
			struct arp asked = request(ASKER, ASKING, ASKED);
			struct arp wanted = reply(TARGET, ASKED, ASKER, ASKING);
			uint8_t frame[FRAME_MAX], answer[FRAME_MAX];
			unsigned length;

			wanted.source = OWN;
			for (int i = 0; i < tags; i++) {
				asked = tagged(asked, 0x8100, 0);
				wanted = tagged(wanted, 0x8100, 0);
			}
			length = frame_write(frame, &asked);
			assert_int_equal(send_at(rig, mover, offset, frame, length), XDP_TX);
			assert_int_equal(rig->out_length, length);
			assert_int_equal(frame_write(answer, &wanted), length);
			assert_memory_equal(rig->out, answer, length);
		}
		close(mover);
	}
	close(map);
}

/* What the sender says is read at any offset, too: the slow path. */
static void a_sender_is_noticed_at_any_offset(void **state)
{
	struct rig *rig = *state;
	int map = programs_map(rig);

	for (int offset = 0; offset < OFFSETS; offset++) {
		struct arp arp = request(ASKER, ASKING, ASKED);
		struct mac asker = ASKER;
		int mover = mover_load(map, offset);
		uint8_t frame[FRAME_MAX];

		rig_reset_throttle(rig);
		rig_events_drop(rig);
		arp.tpa = ASKING; /* gratuitous: no miss beside it */
		assert_int_equal(send_at(rig, mover, offset, frame, frame_write(frame, &arp)),
		                 XDP_PASS);
		ring_buffer__consume(rig->ring);
		assert_int_equal(rig->event_count, 1);
		assert_int_equal(rig->events[0].slot, 10);
		assert_memory_equal(rig->events[0].mac, &asker, sizeof(asker));
		close(mover);
	}
	close(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        RIG_TEST(a_frame_is_answered_at_any_offset),
	        RIG_TEST(a_sender_is_noticed_at_any_offset),
	};

	return cmocka_run_group_tests_name("bpf: align", tests, NULL, NULL);
}
