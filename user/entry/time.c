/* SPDX-License-Identifier: MIT */
/*
 * Points in time as entries spell them: YYYY-MM-DDTHH:MM:SSZ, and nothing else. Its own
 * arithmetic, because timegm() quietly turns the 31st of February into the 3rd of March.
 */
#include "entry/time.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define YEAR_MIN  1970
#define DAY       86400
#define LAST_TIME INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to the first day of a year. */
static int64_t days_before_year(int year)
{
	int last = year - 1;

	return (int64_t)365 * (year - YEAR_MIN) + (last / 4 - last / 100 + last / 400) -
	       (1969 / 4 - 1969 / 100 + 1969 / 400);
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
	int year, month, day, hour, minute, second;
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
	if (year < YEAR_MIN || month < 1 || month > 12 || day < 1 ||
	    day > days_of_month(year, month) || hour < 0 || hour > 23 || minute < 0 ||
	    minute > 59 || second < 0 || second > 59)
		return -EINVAL;
	days = days_before_year(year) + day - 1;
	for (int m = 1; m < month; m++)
		days += days_of_month(year, m);
	*seconds = days * DAY + hour * 3600 + minute * 60 + second;
	return 0;
}

/* Its last digit goes where `last` points. */
static void put_number(char *last, int number)
{
	for (; number > 0; number /= 10)
		*last-- = (char)('0' + number % 10);
}

char *time_format(char text[TIME_TEXT], int64_t seconds)
{
	int year = YEAR_MIN, month = 1, of_day;
	int64_t days;

	/* What cannot be spelled is brought to the nearest time that can. */
	if (seconds < 0)
		seconds = 0;
	if (seconds > LAST_TIME)
		seconds = LAST_TIME;
	days = seconds / DAY;
	of_day = (int)(seconds % DAY);
	year += (int)(days / 366); /* never too late; at most a few years too early */
	while (days_before_year(year + 1) <= days)
		year++;
	days -= days_before_year(year);
	while (days >= days_of_month(year, month))
		days -= days_of_month(year, month++);
	memcpy(text, "0000-00-00T00:00:00Z", TIME_TEXT);
	put_number(text + 3, year);
	put_number(text + 6, month);
	put_number(text + 9, (int)days + 1);
	put_number(text + 12, of_day / 3600);
	put_number(text + 15, of_day / 60 % 60);
	put_number(text + 18, of_day % 60);
	return text;
}
