// SPDX-License-Identifier: MIT
/*
 * What must be there before anything is loaded: capabilities, a BPF file system, and a kernel with
 * the features used. Each one that is missing has a message of its own.
 *
 * RLIMIT_MEMLOCK stays as it is: it limits BPF memory only before Linux 5.11, which the coarse
 * clock needs anyway.
 */
#include "offload/prepare.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/base.h"
#include "offload/kernel.h"
#include "offload/pins.h"

static bool bpffs_is_mounted(void)
{
	struct statfs status;

	return !statfs(PINS_BPFFS, &status) && (unsigned long)status.f_type == BPF_FS_MAGIC;
}

/* `ip netns exec` hides /sys behind a new one, in a mount namespace of its own: compared with the
 * first process's or, where that is hidden, with the parent's. */
static bool in_other_mount_namespace(void)
{
	struct stat own, other;
	char parent[64];

	snprintf(parent, sizeof(parent), "/proc/%d/ns/mnt", (int)getppid());
	if (stat("/proc/self/ns/mnt", &own) ||
	    (stat("/proc/1/ns/mnt", &other) && stat(parent, &other)))
		return false;
	return own.st_ino != other.st_ino;
}

static int bpffs_mount(struct fault *fault)
{
	int error;

	if (bpffs_is_mounted())
		return 0;
	if (access(PINS_BPFFS, F_OK))
		return fault_set(fault, -ENOENT,
		                 PINS_BPFFS
		                 " does not exist: mount sysfs at /sys first; if it is "
		                 "mounted, the kernel was built without CONFIG_BPF_SYSCALL");
	if (mount("bpf", PINS_BPFFS, "bpf", 0, "mode=0700")) {
		error = -errno;
		return fault_set(
		        fault, error,
		        "no BPF file system at " PINS_BPFFS
		        ", and it cannot be mounted: %s; as root: mount -t bpf bpf " PINS_BPFFS,
		        strerror(-error));
	}
	if (in_other_mount_namespace())
		log_warning("mounted a BPF file system at " PINS_BPFFS " in this mount namespace "
		            "alone: the pins vanish with it; better than 'ip netns exec' is "
		            "'arpkeeper run --netns NAME'");
	else
		log_info("mounted a BPF file system at " PINS_BPFFS);
	return 0;
}

static int rights_check(struct fault *fault)
{
	static const struct {
		unsigned number;
		const char *name;
	} needed[] = {{CAP_BPF, "CAP_BPF"},
	              {CAP_NET_ADMIN, "CAP_NET_ADMIN"},
	              {CAP_PERFMON, "CAP_PERFMON"}};

	for (unsigned i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!kernel_has_capability(needed[i].number) &&
		    (needed[i].number == CAP_NET_ADMIN || !kernel_has_admin()))
			return fault_set(fault, -EPERM,
			                 "loading an XDP program needs root: %s is missing",
			                 needed[i].name);
	return 0;
}

static int map_probe(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "probe", sizeof(uint32_t), sizeof(uint64_t), 1,
	                        &options);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* libbpf's probes return 1, 0 (missing), or a negative errno. */
static int features_check(struct fault *fault)
{
	int error;

	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL) == 0)
		return fault_set(fault, -EOPNOTSUPP,
		                 "this kernel has no XDP programs (BPF_PROG_TYPE_XDP): it was "
		                 "built without CONFIG_BPF_SYSCALL, or is locked down");
	error = map_probe();
	if (error == -EPERM)
		return fault_set(fault, error,
		                 "this kernel does not allow this process to create BPF maps: run "
		                 "as root, outside of a restricted container");
	if (error)
		return fault_set(fault, -EOPNOTSUPP,
		                 "this kernel has no memory-mapped BPF arrays (BPF_F_MMAPABLE, "
		                 "since Linux 5.5): %s",
		                 strerror(-error));
	if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) == 0)
		return fault_set(fault, -EOPNOTSUPP,
		                 "this kernel has no BPF ring buffer (BPF_MAP_TYPE_RINGBUF, since "
		                 "Linux 5.8)");
	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ktime_get_coarse_ns, NULL) == 0)
		return fault_set(fault, -EOPNOTSUPP,
		                 "this kernel has no coarse clock for BPF "
		                 "(bpf_ktime_get_coarse_ns, since Linux 5.11)");
	return 0;
}

int offload_prepare(struct fault *fault)
{
	int error;

	kernel_messages_route();
	error = rights_check(fault);
	error = error ? error : bpffs_mount(fault);
	return error ? error : features_check(fault);
}

bool offload_may_share(void)
{
	return kernel_has_admin();
}

uint32_t offload_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)now.tv_sec;
}
