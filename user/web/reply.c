// SPDX-License-Identifier: MIT
/* Makes the responses. What a request may ask for is not decided here. */
#include "web/reply.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/assets.h"

#define READERS_MAX   128 /* of /events: half of the connections */
#define INFLATED_MOST (8u << 20)
#define OUT_OF_MEMORY "{\"error\": \"out of memory\"}\n"

/* Nothing of the page is inline or comes from elsewhere, and nobody frames it. */
static const struct {
	const char *name, *value;
} headers[] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
};

static enum MHD_Result send_response(struct MHD_Connection *connection, unsigned status,
                                     struct MHD_Response *response, const char *type,
                                     const char *cache)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		MHD_add_response_header(response, headers[i].name, headers[i].value);
	if (type)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, cache);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status, const char *type,
                           char *text, size_t length)
{
	if (!text)
		return send_response(connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
		                     MHD_create_response_from_buffer(strlen(OUT_OF_MEMORY),
		                                                     (void *)OUT_OF_MEMORY,
		                                                     MHD_RESPMEM_PERSISTENT),
		                     "application/json", "no-store");
	return send_response(connection, status,
	                     MHD_create_response_from_buffer(length, text, MHD_RESPMEM_MUST_FREE),
	                     type, "no-store");
}

enum MHD_Result reply_json(struct MHD_Connection *connection, unsigned status, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return reply_text(connection, status, "application/json", text, text ? strlen(text) : 0);
}

enum MHD_Result reply_error(struct MHD_Connection *connection, unsigned status, const char *text)
{
	return reply_json(connection, status, json_pack("{s:s}", "error", text));
}

/* --- the page --------------------------------------------------------------------------------- */

static bool has(struct MHD_Connection *connection, const char *header, const char *text)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, header);

	return value && strstr(value, text);
}

/* For a client that does not take gzip: our own bytes, of a size that their end tells. */
static struct MHD_Response *inflate(const struct web_asset *asset)
{
	const unsigned char *end = asset->bytes + asset->length;
	size_t length = asset->length < 18 ? 0
	                                   : (size_t)end[-4] | (size_t)end[-3] << 8 |
	                                             (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
	struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
	char *text = length <= INFLATED_MOST ? malloc(length + 1) : NULL;
	size_t made;
	bool fine = decompressor && text &&
	            libdeflate_gzip_decompress(decompressor, asset->bytes, asset->length, text,
	                                       length, &made) == LIBDEFLATE_SUCCESS;

	libdeflate_free_decompressor(decompressor);
	if (fine)
		return MHD_create_response_from_buffer(made, text, MHD_RESPMEM_MUST_FREE);
	free(text);
	return NULL;
}

static enum MHD_Result send_asset(struct MHD_Connection *connection, const struct web_asset *asset)
{
	const bool known = has(connection, MHD_HTTP_HEADER_IF_NONE_MATCH, asset->etag);
	const bool plain =
	        asset->gzipped && !has(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING, "gzip");
	struct MHD_Response *response =
	        known   ? MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT)
	        : plain ? inflate(asset)
	                : MHD_create_response_from_buffer(asset->length, (void *)asset->bytes,
	                                                  MHD_RESPMEM_PERSISTENT);

	if (!response)
		return reply_text(connection, 0, NULL, NULL, 0);
	MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, asset->etag);
	if (asset->gzipped)
		MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
	if (asset->gzipped && !plain && !known)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	return send_response(connection, known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response,
	                     asset->type, "no-cache");
}

enum MHD_Result reply_asset(struct MHD_Connection *connection, const char *path)
{
	char text[160];

	for (size_t i = 0; i < web_assets_count; i++)
		if (!strcmp(web_assets[i].path, path))
			return send_asset(connection, &web_assets[i]);
	snprintf(text, sizeof(text), "there is nothing at '%.100s'", path);
	text_mend(text);
	return reply_error(connection, MHD_HTTP_NOT_FOUND, text);
}

/* --- events ----------------------------------------------------------------------------------- */

static ssize_t read_events(void *context, uint64_t position, char *buffer, size_t room)
{
	size_t length;

	(void)position;
	length = events_read(context, buffer, room);
	return length ? (ssize_t)length : MHD_CONTENT_READER_END_OF_STREAM;
}

static void close_events(void *context)
{
	events_close(context);
	free(context);
}

enum MHD_Result reply_events(struct MHD_Connection *connection, struct web *web)
{
	struct events_reader *reader = malloc(sizeof(*reader));
	struct MHD_Response *response;

	if (!reader)
		return reply_text(connection, 0, NULL, NULL, 0);
	if (!events_open(reader, &web->events, READERS_MAX)) {
		free(reader);
		return reply_error(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
		                   "so many read events already: close a page, or try again");
	}
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, EVENTS_ROOM * 4, read_events,
	                                             reader, close_events);
	if (!response) {
		close_events(reader);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	MHD_add_response_header(response, "X-Accel-Buffering", "no"); /* nginx */
	return send_response(connection, MHD_HTTP_OK, response, "text/event-stream", "no-store");
}
