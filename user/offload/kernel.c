// SPDX-License-Identifier: MIT
/*
 * Messages of the kernel and its libraries, and what this process may do. Decides nothing: the
 * caller makes faults.
 */
#include "offload/kernel.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "base/base.h"

#define MESSAGE_TEXT 512
#define REASON_MARK  "Kernel error message: " /* libbpf writes it before an extended ack */

/* Per thread: the libraries' print functions take no context. */
static _Thread_local char reason[128];

static int message_log(const char *format, va_list arguments)
{
	char text[MESSAGE_TEXT];
	const char *mark;
	int length = vsnprintf(text, sizeof(text), format, arguments);

	text[strcspn(text, "\n")] = '\0';
	mark = strstr(text, REASON_MARK);
	if (mark)
		snprintf(reason, sizeof(reason), "%s", mark + strlen(REASON_MARK));
	if (text[0])
		log_debug("%s", text);
	return length;
}

static int libbpf_message(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	return message_log(format, arguments);
}

static int libxdp_message(enum libxdp_print_level level, const char *format, va_list arguments)
{
	(void)level;
	return message_log(format, arguments);
}

void kernel_messages_route(void)
{
	libbpf_set_print(libbpf_message);
	libxdp_set_print(libxdp_message);
}

void kernel_reason_clear(void)
{
	reason[0] = '\0';
}

void kernel_reason_set(const char *text)
{
	snprintf(reason, sizeof(reason), "%s", text);
}

const char *kernel_reason(void)
{
	return reason;
}

bool kernel_has_capability(unsigned capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	/* Not libcap-ng: its state belongs to the caller that is about to apply it. */
	if (syscall(SYS_capget, &header, data))
		return false;
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

bool kernel_has_admin(void)
{
	return kernel_has_capability(CAP_SYS_ADMIN);
}

uint32_t kernel_object_id(int fd)
{
	/* Both structures begin with `type` and `id`; the kernel fills as much as there is room. */
	struct bpf_map_info info = {0};
	__u32 size = 2 * sizeof(__u32);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		return 0;
	return info.id;
}
