// SPDX-License-Identifier: MIT
/*
 * The cost of each rule: one frame for each way through the program. All of them and the bare swap
 * run in turn, so that other load on the machine affects them equally. The throttle holds back the
 * reports, as in a flood.
 */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "arpkeeper/frame.h"
#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"
#include "request.h"

#define REPEATS 250000
#define ROUNDS  41
#define BITS    8
#define VLAN    10
#define VLANS   (20 << 16 | 30)
#define FOREIGN 0x08080808

/* The slots of the benchmark's own table, by host: the state of a target or a sender. */
enum host {
	ASKER = ASKER_ADDRESS - BENCH_NETWORK,
	DYNAMIC,
	STATIC,
	LOCAL,
	SPONGED,
	DEAD,
	EMPTY,
	UNANSWERED,
	OWNED, /* its MAC is the asker's, too */
	PROTECTED,
	UNKNOWN, /* a sender that is not in the table */
	HOSTS
};

/* An ordinary request by the asker, except for the given fields. MACs by their last byte, 0xff is
 * broadcast. */
struct rule {
	const char *name;
	int verdict;
	uint32_t tpa, spa, vlan;
	uint16_t htype, opcode;
	uint8_t destination, sha, source;
	bool is_probe, is_ip;
	bool is_far; /* the prefix is the last of sixteen */
};

#define HOST(host) (BENCH_NETWORK + (host))

static const struct rule rules[] = {
        {"not ARP", XDP_PASS, .is_ip = true},
        {"malformed", XDP_PASS, .tpa = HOST(DYNAMIC), .htype = 2},
        {"a reply", XDP_PASS, .tpa = HOST(DYNAMIC), .opcode = 2},
        {"gratuitous", XDP_PASS, .tpa = HOST(ASKER)},
        {"asked elsewhere", XDP_PASS, .tpa = HOST(DYNAMIC), .destination = 0x77},
        {"off-link", XDP_PASS, .tpa = FOREIGN},
        {"owner", XDP_PASS, .tpa = HOST(OWNED)},
        {"answering is off", XDP_PASS, .tpa = HOST(UNANSWERED)},
        {"probe for a learned address", XDP_PASS, .tpa = HOST(DYNAMIC), .is_probe = true},
        {"miss, reported already", XDP_PASS, .tpa = HOST(EMPTY)},
        {"dead, counted", XDP_PASS, .tpa = HOST(DEAD)},
        {"answered: dynamic", XDP_TX, .tpa = HOST(DYNAMIC)},
        {"answered: static", XDP_TX, .tpa = HOST(STATIC)},
        {"answered: own address", XDP_TX, .tpa = HOST(LOCAL)},
        {"answered: sponged", XDP_TX, .tpa = HOST(SPONGED)},
        {"answered: a probe, static", XDP_TX, .tpa = HOST(STATIC), .is_probe = true},
        {"answered: one tag", XDP_TX, .tpa = HOST(DYNAMIC), .vlan = VLAN},
        {"answered: two tags", XDP_TX, .tpa = HOST(DYNAMIC), .vlan = VLANS},
        {"answered: 16th prefix", XDP_TX, .tpa = HOST(DYNAMIC), .is_far = true},
        {"answered: sender unknown, reported already", XDP_TX, .tpa = HOST(DYNAMIC),
         .spa = HOST(UNKNOWN)},
        {"answered: sender is not the source", XDP_TX, .tpa = HOST(DYNAMIC), .source = 0x77},
        {"answered: bogon", XDP_TX, .tpa = HOST(DYNAMIC), .spa = FOREIGN},
        {"bad sender", XDP_PASS, .tpa = HOST(DYNAMIC), .sha = 0xff},
        {"spoof dropped", XDP_DROP, .tpa = HOST(DYNAMIC), .spa = HOST(PROTECTED)},
};

#define RULES (sizeof(rules) / sizeof(*rules))

static void mac_write(uint8_t *at, uint8_t last)
{
	static const uint8_t asker[ETH_ALEN] = ASKER_MAC;

	memcpy(at, asker, ETH_ALEN);
	at[ETH_ALEN - 1] = last;
	if (last == 0xff)
		memset(at, 0xff, ETH_ALEN);
}

static uint8_t *put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
	return at + 2;
}

static void frame_write(uint8_t frame[REQUEST_STRIDE], const struct rule *rule)
{
	uint8_t *at = frame + 2 * ETH_ALEN, sha = rule->sha ? rule->sha : 0x0a;
	struct arp_ipv4 arp = {
	        .htype = htons(rule->htype ? rule->htype : ARP_HTYPE_ETHERNET),
	        .ptype = htons(ETH_P_IP),
	        .hlen = ETH_ALEN,
	        .plen = 4,
	        .opcode = htons(rule->opcode ? rule->opcode : ARP_OP_REQUEST),
	        .spa = htonl(rule->spa ? rule->spa : HOST(ASKER)),
	        .tpa = htonl(rule->tpa),
	};

	memset(frame, 0, REQUEST_STRIDE);
	if (rule->is_probe)
		arp.spa = 0;
	mac_write(frame, rule->destination ? rule->destination : 0xff);
	mac_write(frame + ETH_ALEN, rule->source ? rule->source : sha);
	mac_write(arp.sha, sha);
	if (rule->vlan >> 16)
		at = put16(put16(at, ETH_P_8021AD), rule->vlan >> 16);
	if (rule->vlan)
		at = put16(put16(at, ETH_P_8021Q), rule->vlan & VLAN_VID_MASK);
	at = put16(at, rule->is_ip ? ETH_P_IP : ETH_P_ARP);
	memcpy(at, &arp, sizeof(arp));
}

static void slot_write(struct neigh_slot *slots, enum host host, enum slot_state state,
                       uint8_t flags, uint8_t last)
{
	union binding binding = {.state = state, .flags = flags};

	if (last)
		mac_write(binding.mac, last);
	slots[host].binding = binding.word;
}

/*
 * One prefix for each VLAN, all with the same slots. `far`: after prefixes that the frames do not
 * use.
 */
static void table_prepare(const struct arpkeeper_bpf *arpkeeper, bool far)
{
	const uint32_t vlans[] = {0, VLAN, VLANS};
	struct port_config *config;
	struct neigh_slot *slots;
	struct port *port;

	slots = mmap(NULL, sizeof(*slots) << BITS, PROT_READ | PROT_WRITE, MAP_SHARED,
	             bpf_map__fd(arpkeeper->maps.neigh_slots), 0);
	port = mmap(NULL, sizeof(*port), PROT_READ | PROT_WRITE, MAP_SHARED,
	            bpf_map__fd(arpkeeper->maps.port), 0);
	if (slots == MAP_FAILED || port == MAP_FAILED)
		die("mapping the table");
	config = &port->config[0];
	config->prefixes = 0;
	for (uint32_t i = 0; far && i < PORT_PREFIXES_MAX - 1; i++)
		config->prefix[config->prefixes++] =
		        (struct port_prefix){0xc6336400 + i, ~0u, 0, 0};
	for (unsigned i = 0; i < 3 && config->prefixes < PORT_PREFIXES_MAX; i++)
		config->prefix[config->prefixes++] =
		        (struct port_prefix){BENCH_NETWORK, ~0u << BITS, vlans[i], 0};
	slot_write(slots, ASKER, SLOT_DYNAMIC, SLOT_ANSWER, 0x0a);
	slot_write(slots, DYNAMIC, SLOT_DYNAMIC, SLOT_ANSWER, 0x0b);
	slot_write(slots, STATIC, SLOT_STATIC, SLOT_ANSWER, 0x0b);
	slot_write(slots, LOCAL, SLOT_LOCAL, SLOT_ANSWER, 0x01);
	slot_write(slots, SPONGED, SLOT_DEAD, SLOT_ANSWER | SLOT_SPONGE, 0x0c);
	slot_write(slots, DEAD, SLOT_DEAD, 0, 0);
	slot_write(slots, EMPTY, SLOT_EMPTY, 0, 0);
	slot_write(slots, UNANSWERED, SLOT_DYNAMIC, 0, 0x0b);
	slot_write(slots, OWNED, SLOT_DYNAMIC, SLOT_ANSWER, 0x0a);
	slot_write(slots, PROTECTED, SLOT_STATIC, SLOT_PROTECT, 0x0b);
	slot_write(slots, UNKNOWN, SLOT_EMPTY, 0, 0);
	munmap(slots, sizeof(*slots) << BITS);
	munmap(port, sizeof(*port));
}

static double run(struct bench_bpf *bench, int program, const struct rule *rule, int verdict)
{
	static uint8_t frames[REQUESTS * REQUEST_STRIDE], out[sizeof(frames)];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frames, .data_size_in = sizeof(frames),
	            .data_out = out, .data_size_out = sizeof(out), .repeat = REPEATS);
	uint32_t key = 0;
	double start;

	if (bpf_map__update_elem(bench->maps.under_test, &key, sizeof(key), &program,
	                         sizeof(program), 0))
		die("choosing the program under test");
	frame_write((uint8_t *)bench->bss->again_frame, rule);
	for (unsigned i = 0; i < REQUESTS; i++)
		memcpy(frames + (size_t)i * REQUEST_STRIDE, bench->bss->again_frame,
		       REQUEST_STRIDE);
	bench->bss->ask_at = 0;
	start = seconds(CLOCK_THREAD_CPUTIME_ID);
	if (bpf_prog_test_run_opts(bpf_program__fd(bench->progs.again), &options))
		die("running a program");
	if ((int)options.retval != verdict) {
		fprintf(stderr, "bench: %s: verdict %u, not %d\n", rule->name, options.retval,
		        verdict);
		errno = EPROTO;
		die("a rule does not do what it is measured for");
	}
	return (seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e9 / REPEATS;
}

void bench_rules(struct bench_bpf *bench)
{
	static double floor[ROUNDS], nothing[ROUNDS], cost[RULES][ROUNDS];
	struct arpkeeper_bpf *near = table_load(BITS, 0), *far = table_load(BITS, 0);
	char name[64];

	table_prepare(near, false);
	table_prepare(far, true);
	for (int round = 0; round < ROUNDS; round++) {
		nothing[round] =
		        run(bench, bpf_program__fd(bench->progs.nothing), &rules[1], XDP_TX);
		floor[round] = run(bench, bpf_program__fd(bench->progs.swap_tx), &rules[1], XDP_TX);
		for (unsigned i = 0; i < RULES; i++)
			cost[i][round] = run(
			        bench,
			        bpf_program__fd((rules[i].is_far ? far : near)->progs.arpkeeper),
			        &rules[i], rules[i].verdict);
	}
	figure("a rule: only the frame's way there (in every row)",
	       compare(nothing, floor, ROUNDS).value, "ns");
	figure("a rule: bare swap", compare(floor, floor, ROUNDS).value, "ns");
	for (unsigned i = 0; i < RULES; i++) {
		snprintf(name, sizeof(name), "a rule: %s", rules[i].name);
		figure_against(name, "ns", "bare swap", compare(cost[i], floor, ROUNDS));
	}
	arpkeeper_bpf__destroy(near);
	arpkeeper_bpf__destroy(far);
}
