/* SPDX-License-Identifier: MIT */
/* For cppcheck alone, which does not read the libraries' headers and gives up on a file whose
 * macros it does not know: what they come to, as far as it matters there. Never compiled. */
#define LIBBPF_OPTS(type, name, ...) struct type name = {.sz = sizeof(struct type), __VA_ARGS__}
#define json_array_foreach(array, index, value)                                                    \
	for (index = 0; (value = json_array_get(array, index)) != 0; index++)
#define json_object_foreach(object, key, value)                                                    \
	for (key = ""; (value = json_object_get(object, key)) != 0; key = next(key))
