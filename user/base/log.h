/* SPDX-License-Identifier: MIT */
/*
 * Log lines on standard error: `level: message`, after a time stamp if that is switched on. Each
 * message names the thing, says what was wrong, and what to do. Thread-safe.
 */
#ifndef USER_BASE_LOG_H
#define USER_BASE_LOG_H

#include <stdarg.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above `level` are dropped. Default: LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* Begins each line with the UTC time; for the agent, not for short commands. Default: off. */
void log_set_timestamps(int on);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
