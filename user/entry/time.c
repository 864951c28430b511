/* SPDX-License-Identifier: MIT */
/*
 * Times as entries spell them: YYYY-MM-DDTHH:MM:SSZ, and nothing else. Its own arithmetic, because
 * timegm() silently turns the 31st of February into the 3rd of March.
 */
#include "entry/time.h"

#include <errno.h>
#include <string.h>

#define YEAR_MIN  1970
#define AHEAD_S   3600
#define DAY       86400
#define ERA       146097                /* days of 400 years */
#define EPOCH     719468                /* days from 0000-03-01 to 1970-01-01 */
#define LAST_TIME INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Days since 1970-01-01. Years begin in March here, so that the leap day comes last. */
static int64_t days_of(int year, int month, int day)
{
	if (month <= 2) {
		year--;
		month += 12;
	}
	return (int64_t)365 * year + year / 4 - year / 100 + year / 400 +
	       (153 * (month - 3) + 2) / 5 + day - 1 - EPOCH;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
	int era = (int)((days + EPOCH) / ERA), rest = (int)((days + EPOCH) % ERA);
	int of_era = (rest - rest / 1460 + rest / 36524 - rest / (ERA - 1)) / 365;
	int march; /* months since March */

	rest -= 365 * of_era + of_era / 4 - of_era / 100;
	march = (5 * rest + 2) / 153;
	*day = rest - (153 * march + 2) / 5 + 1;
	*month = march < 10 ? march + 3 : march - 9;
	*year = of_era + era * 400 + (*month <= 2);
}

static int parse_digits(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

int time_parse(int64_t *seconds, const char *text, size_t length)
{
	int year, month, day, hour, minute, second, real_year, real_month, real_day;
	int64_t days;

	if (length != TIME_TEXT - 1 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
	    text[13] != ':' || text[16] != ':' || text[19] != 'Z')
		return -EINVAL;
	year = parse_digits(text, 4);
	month = parse_digits(text + 5, 2);
	day = parse_digits(text + 8, 2);
	hour = parse_digits(text + 11, 2);
	minute = parse_digits(text + 14, 2);
	second = parse_digits(text + 17, 2);
	if (year < YEAR_MIN || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
	    hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return -EINVAL;
	days = days_of(year, month, day);
	date_of(days, &real_year, &real_month, &real_day);
	if (real_day != day) /* the month is not so long */
		return -EINVAL;
	*seconds = days * DAY + hour * 3600 + minute * 60 + second;
	return 0;
}

/* `last` is where the last digit goes. */
static void put_number(char *last, int number)
{
	for (; number > 0; number /= 10)
		*last-- = (char)('0' + number % 10);
}

char *time_format(char text[TIME_TEXT], int64_t seconds)
{
	int year, month, day, of_day;

	/* Times outside the range become the nearest one in it. */
	if (seconds < 0)
		seconds = 0;
	if (seconds > LAST_TIME)
		seconds = LAST_TIME;
	of_day = (int)(seconds % DAY);
	date_of(seconds / DAY, &year, &month, &day);
	memcpy(text, "0000-00-00T00:00:00Z", TIME_TEXT);
	put_number(text + 3, year);
	put_number(text + 6, month);
	put_number(text + 9, day);
	put_number(text + 12, of_day / 3600);
	put_number(text + 15, of_day / 60 % 60);
	put_number(text + 18, of_day % 60);
	return text;
}

bool time_is_ahead(int64_t seconds, int64_t now)
{
	return seconds > now + AHEAD_S;
}
