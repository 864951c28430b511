// SPDX-License-Identifier: MIT
/*
 * The mode. A mode asked for by name is the only one tried.
 *
 * veth, measured on Linux 6.1, 6.12 and 6.18: natively, replies reach the peer only if the peer has
 * an XDP program or GRO on, which this side cannot see; without either, they vanish silently.
 * Generic mode always works, at about 80 % of native's rate.
 */
#include "offload/mode.h"

#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void driver_of(char driver[MODE_DRIVER], const char *interface)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (char *)&info};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	driver[0] = '\0';
	if (fd < 0)
		return;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (!ioctl(fd, SIOCETHTOOL, &request))
		snprintf(driver, MODE_DRIVER, "%.*s", MODE_DRIVER - 1, info.driver);
	close(fd);
}

static void choose(struct mode_choice *choice, uint32_t mode, const char *reason)
{
	if (!choice->count)
		snprintf(choice->reason, sizeof(choice->reason), "%s", reason);
	choice->mode[choice->count++] = mode;
}

void mode_choose(struct mode_choice *choice, const char *interface, enum offload_mode mode,
                 uint32_t present)
{
	*choice = (struct mode_choice){0};
	driver_of(choice->driver, interface);
	choice->veth = !strcmp(choice->driver, "veth");
	if (mode == OFFLOAD_NATIVE) {
		choose(choice, XDP_FLAGS_DRV_MODE, "asked for");
	} else if (mode == OFFLOAD_GENERIC) {
		choose(choice, XDP_FLAGS_SKB_MODE, "asked for");
	} else if (choice->veth) {
		choose(choice, XDP_FLAGS_SKB_MODE,
		       "veth, where native mode needs GRO or a program on the peer");
	} else if (present) {
		choose(choice, present, "as it was attached: another mode would miss frames");
	} else {
		choose(choice, XDP_FLAGS_DRV_MODE, "the driver has it");
		choose(choice, XDP_FLAGS_SKB_MODE, "");
	}
}

const char *mode_name(uint32_t mode)
{
	return mode == XDP_FLAGS_DRV_MODE ? "native" : "generic";
}
