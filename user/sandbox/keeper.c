// SPDX-License-Identifier: MIT
/* The keeper's capabilities, and no other rights of it. */
#include "sandbox/keeper.h"

#include <linux/capability.h>
#include <stdint.h>

#include "sandbox/credentials.h"

#define CAPABILITY(n) (UINT64_C(1) << (n))
#define OF_KEEPER                                                                                  \
	(CAPABILITY(CAP_BPF) | CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_NET_RAW) |               \
	 CAPABILITY(CAP_PERFMON))
#define OVER_FILES (CAPABILITY(CAP_DAC_OVERRIDE) | CAPABILITY(CAP_FOWNER))

int sandbox_keeper(bool others_files, struct fault *fault)
{
	return credentials_reduce(NULL, others_files ? OF_KEEPER | OVER_FILES : OF_KEEPER,
	                          others_files, fault);
}
