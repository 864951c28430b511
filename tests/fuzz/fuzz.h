/* SPDX-License-Identifier: MIT */
/*
 * What the targets share. A target is one file, fuzz_<name>.c: it gives libFuzzer's bytes to one
 * parser, and says what must hold of the result (MUST). An input that breaks it ends the process.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__,     \
			        #condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Takes numbers and bytes off the input; zeros behind its end. */
struct input {
	const uint8_t *at, *end;
};

static inline size_t input_left(const struct input *input)
{
	return (size_t)(input->end - input->at);
}

static inline uint8_t input_u8(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

static inline uint16_t input_u16(struct input *input)
{
	uint16_t low = input_u8(input);

	return (uint16_t)(low | input_u8(input) << 8);
}

static inline uint32_t input_u32(struct input *input)
{
	uint32_t low = input_u16(input);

	return low | (uint32_t)input_u16(input) << 16;
}

/* At most `most` bytes, as many as are left; `length` says how many. */
static inline const uint8_t *input_bytes(struct input *input, size_t most, size_t *length)
{
	const uint8_t *at = input->at;

	*length = input_left(input) < most ? input_left(input) : most;
	input->at += *length;
	return at;
}

/* A file in memory with these bytes, which is read by its path. */
struct memory_file {
	int descriptor;
	char path[40];
};

static inline void memory_file(struct memory_file *file, const void *bytes, size_t size)
{
	file->descriptor = memfd_create("fuzz", MFD_CLOEXEC);
	MUST(file->descriptor >= 0);
	MUST(write(file->descriptor, bytes, size) == (ssize_t)size);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->descriptor);
}

/* The target's own folder, below TMPDIR, where tests/fuzz/targets removes it. */
static inline void fuzz_folder(char folder[256])
{
	const char *where = getenv("TMPDIR");

	snprintf(folder, 256, "%s/akfuzz-XXXXXX", where ? where : "/dev/shm");
	MUST(mkdtemp(folder));
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	MUST(file && fwrite(bytes, 1, size, file) == size);
	MUST(fclose(file) == 0);
}

#endif
