/* SPDX-License-Identifier: MIT */
/*
 * Log lines on standard error: `level: message`, after a time stamp if the style has one. Each
 * message names the thing, says what was wrong, and what to do. Thread-safe.
 */
#ifndef USER_BASE_LOG_H
#define USER_BASE_LOG_H

#include <stdarg.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above `level` are dropped. Default: LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* The words of --log-level, by enum log_level, up to a NULL. */
extern const char *const log_levels[];

/* Of short commands, the default; of the agent: with the UTC time before each line; of the agent
 * where the journal listens, which adds the time: `<4>message`, the priority of sd-daemon(3). */
enum log_style { LOG_STYLE_PLAIN, LOG_STYLE_STAMPED, LOG_STYLE_JOURNAL };
void log_set_style(enum log_style style);
/* The agent's: JOURNAL if standard error is the stream that systemd names in JOURNAL_STREAM, else
 * STAMPED. */
enum log_style log_service_style(void);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
