# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses: tests under other kernels, in qemu.
#
#   make test-vm                                        6.1 and 6.12
#   make test-vm KERNEL=6.12 T=tests/vm/virtio.bats     one kernel; T: files and kinds, as tests/vm/matrix has them
#   make test-vm FULL=1                                 also the newest kernel, and one that is refused

VM_KERNELS := $(or $(KERNEL),6.1 6.12 $(if $(FULL),newest 5.10))

build-vm:
	@scripts/setup --vm
	@+$(MAKE) --no-print-directory all system-tests bpf-tests $(filter $(BUILD)/unit/offload/%,$(UNIT_TESTS))

test-vm: build-vm
	@BUILD=$(BUILD) T='$(T)' tests/vm/matrix $(VM_KERNELS)

.PHONY: build-vm test-vm
