/* day: whole days of the proleptic Gregorian calendar.
 *
 * Method: Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, so that the leap day is
 * the last of its year, and 400 years are one era of 146,097 days. */
#include "base/base.h"

#define YEAR_MOST 5000000       /* days fit into 32 bits */

int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (month < 1 || month > 12)
		return 0;
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month == 2 && leap ? 29 : days[month - 1];
}

kula_day day_of(int year, int month, int day)
{
	if (year < -YEAR_MOST || year > YEAR_MOST || day < 1 || day > days_in_month(year, month))
		return KULA_NO_DAY;
	const int y = month <= 2 ? year - 1 : year;
	const int era = (y >= 0 ? y : y - 399) / 400;
	const int of_era = y - era * 400;
	const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void day_split(kula_day d, int *year, int *month, int *day)
{
	const int64_t z = (int64_t)d + 719468;
	const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	const int of_era = (int)(z - era * 146097);
	const int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int of_year = of_era - (365 * y + y / 4 - y / 100);
	const int m = (5 * of_year + 2) / 153;
	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (int)(y + era * 400) + (*month <= 2);
}

int day_of_week(kula_day d)
{
	return (int)((((int64_t)d + 3) % 7 + 7) % 7);           /* 1970-01-01 was a Thursday */
}

kula_day kula_day_parse(const char *iso, size_t bytes)
{
	if (iso == NULL || bytes != 10 || iso[4] != '-' || iso[7] != '-')
		return KULA_NO_DAY;
	int n[3] = {0};
	for (size_t i = 0, part = 0; i < 10; i++) {
		if (i == 4 || i == 7)
			part++;
		else if (is_digit((byte)iso[i]))
			n[part] = n[part] * 10 + (iso[i] - '0');
		else
			return KULA_NO_DAY;
	}
	return day_of(n[0], n[1], n[2]);
}

void kula_day_format(kula_day d, char *out)
{
	int year = 0, month = 0, day = 0;
	day_split(d, &year, &month, &day);
	out[0] = '\0';
	if (d == KULA_NO_DAY || year < 0 || year > 9999)
		return;
	const int digits[10] = {year / 1000, year / 100 % 10, year / 10 % 10, year % 10, 0,
		month / 10, month % 10, 0, day / 10, day % 10};
	for (int i = 0; i < 10; i++)
		out[i] = i == 4 || i == 7 ? '-' : (char)('0' + digits[i]);
	out[10] = '\0';
}
