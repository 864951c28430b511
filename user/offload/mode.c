// SPDX-License-Identifier: MIT
/*
 * The mode. A mode asked for by name is the only one tried.
 *
 * veth, measured on Linux 6.1, 6.12 and 6.18: natively, replies reach the peer only if the peer has
 * an XDP program or GRO on, which this side cannot see; without either, they vanish silently.
 * Generic mode always works, at about 80 % of native's rate. A bond sends through its veth, so the
 * same holds for it.
 *
 * A driver with frames longer than a page takes only programs that say they do not need a frame in
 * one piece (xdp.frags, since Linux 5.18). Ours reads and writes nothing beyond the first buffer.
 * It says so only where the driver refuses it otherwise, so that common interfaces stay as they
 * are.
 */
#include "offload/mode.h"

#include <net/if.h> /* before linux/if.h, which repeats it otherwise */

#include <linux/ethtool.h>
#include <linux/if_bonding.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The answer is in `request`, or where it points. */
static bool ask(struct ifreq *request, const char *interface, unsigned long command)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool answered;

	if (fd < 0)
		return false;
	snprintf(request->ifr_name, sizeof(request->ifr_name), "%s", interface);
	answered = !ioctl(fd, command, request);
	close(fd);
	return answered;
}

static void driver_of(char driver[MODE_DRIVER], const char *interface)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (char *)&info};

	driver[0] = '\0';
	if (ask(&request, interface, SIOCETHTOOL))
		snprintf(driver, MODE_DRIVER, "%.*s", MODE_DRIVER - 1, info.driver);
}

/* Whether the MTU is larger than any frame of common Ethernet. */
static bool is_jumbo(const char *interface)
{
	struct ifreq request = {0};

	return ask(&request, interface, SIOCGIFMTU) && request.ifr_mtu > ETH_DATA_LEN;
}

static bool bond_has_veth(const char *bond)
{
	struct ifbond info = {0};
	struct ifreq request = {.ifr_data = (char *)&info};

	if (!ask(&request, bond, SIOCBONDINFOQUERY))
		return false;
	for (int i = 0; i < info.num_slaves; i++) {
		struct ifslave member = {.slave_id = i};
		char driver[MODE_DRIVER];

		request.ifr_data = (char *)&member;
		if (!ask(&request, bond, SIOCBONDSLAVEINFOQUERY))
			continue;
		driver_of(driver, member.slave_name);
		if (!strcmp(driver, "veth"))
			return true;
	}
	return false;
}

static void choose(struct mode_choice *choice, struct mode_try next, const char *reason)
{
	if (!choice->count)
		snprintf(choice->reason, sizeof(choice->reason), "%s", reason);
	choice->try[choice->count++] = next;
}

static void choose_native(struct mode_choice *choice, bool jumbo, const char *reason)
{
	choose(choice, (struct mode_try){XDP_FLAGS_DRV_MODE, false}, reason);
	if (jumbo)
		choose(choice, (struct mode_try){XDP_FLAGS_DRV_MODE, true}, reason);
}

static void choose_generic(struct mode_choice *choice, const char *reason)
{
	choose(choice, (struct mode_try){XDP_FLAGS_SKB_MODE, false}, reason);
}

void mode_choose(struct mode_choice *choice, const char *interface, enum offload_mode mode,
                 uint32_t present)
{
	bool jumbo = is_jumbo(interface);

	*choice = (struct mode_choice){0};
	driver_of(choice->driver, interface);
	choice->veth = !strcmp(choice->driver, "veth");
	if (mode == OFFLOAD_NATIVE) {
		choose_native(choice, jumbo, "asked for");
	} else if (mode == OFFLOAD_GENERIC) {
		choose_generic(choice, "asked for");
	} else if (choice->veth) {
		choose_generic(choice,
		               "veth, where native mode needs GRO or a program on the peer");
	} else if (!strcmp(choice->driver, "bonding") && bond_has_veth(interface)) {
		choose_generic(
		        choice,
		        "a bond with a veth, where native mode needs GRO or a program on the peer");
	} else if (present == XDP_FLAGS_SKB_MODE) {
		choose_generic(choice, "as it was attached: another mode would miss frames");
	} else if (present) {
		choose_native(choice, jumbo, "as it was attached: another mode would miss frames");
	} else {
		choose_native(choice, jumbo, "the driver has it");
		choose_generic(choice, "");
	}
}

const char *mode_name(uint32_t mode)
{
	return mode == XDP_FLAGS_DRV_MODE ? "native" : "generic";
}
