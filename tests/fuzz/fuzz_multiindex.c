// SPDX-License-Identifier: MIT
/*
 * git's multi-pack index, beside a folder in which one pack is whole, and of another only the index
 * is left. It is removed if, and only if, it names a pack that is gone.
 */
#include "fuzz.h"

#include "store/store.h"

#define WHOLE "pack-1111111111111111111111111111111111111111"
#define HALF  "pack-2222222222222222222222222222222222222222"

static char directory[300], index_path[400];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const there[] = {WHOLE ".idx", WHOLE ".pack", HALF ".idx"};
	char folder[256], path[400];

	(void)argc;
	(void)argv;
	fuzz_folder(folder);
	snprintf(directory, sizeof(directory), "%s/", folder);
	snprintf(path, sizeof(path), "%sobjects", directory);
	MUST(mkdir(path, 0755) == 0);
	snprintf(path, sizeof(path), "%sobjects/pack", directory);
	MUST(mkdir(path, 0755) == 0);
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
		snprintf(path, sizeof(path), "%sobjects/pack/%s", directory, there[i]);
		write_file(path, "", 0);
	}
	snprintf(index_path, sizeof(index_path), "%sobjects/pack/multi-pack-index", directory);
	return 0;
}

static uint64_t number(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | *at++;
	return value;
}

/* Whether the pack of an index is gone, as far as the name says: other names are not packs'. */
static bool is_gone(const char *name)
{
	size_t length = strlen(name);
	char path[700];

	if (length < 5 || length > 255 || strcmp(name + length - 4, ".idx") != 0)
		return false;
	snprintf(path, sizeof(path), "%sobjects/pack/%s", directory, name);
	if (access(path, F_OK) < 0)
		return true;
	snprintf(path, sizeof(path), "%sobjects/pack/%.*s.pack", directory, (int)length - 4, name);
	return access(path, F_OK) < 0;
}

/* gitformat-pack(5), for the first chunk of names: an index that makes no sense names nothing. */
static bool names_one_that_is_gone(const uint8_t *data, size_t size)
{
	const uint8_t *chunk = data + 12;

	if (size < 12 || memcmp(data, "MIDX\1", 5) != 0 || size < 12 + 12 * (data[6] + 1u))
		return false;
	for (unsigned i = 0; i < data[6]; i++, chunk += 12) {
		uint64_t begin = number(chunk + 4, 8), end = number(chunk + 16, 8);

		if (memcmp(chunk, "PNAM", 4) != 0)
			continue;
		if (end > size)
			return false;
		while (begin < end && data[begin]) {
			const char *name = (const char *)data + begin;
			size_t length = strnlen(name, end - begin);

			if (begin + length == end)
				return false;
			if (is_gone(name))
				return true;
			begin += length + 1;
		}
		return false;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool stale;

	write_file(index_path, data, size);
	stale = multiindex_drop_stale(directory);
	MUST(stale == names_one_that_is_gone(data, size));
	MUST((access(index_path, F_OK) < 0) == stale);
	return 0;
}
