/* Days from civil dates and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain). */
#include "base/base.h"

int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (month < 1 || month > 12)
		return 0;
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

kula_day day_of(int year, int month, int day)
{
	if (year < -9999 || year > 9999 || day < 1 || day > days_in_month(year, month))
		return KULA_NO_DAY;
	const int y = month <= 2 ? year - 1 : year;
	const int era = (y >= 0 ? y : y - 399) / 400;
	const int yoe = y - era * 400;
	const int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	const int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void day_split(kula_day d, int *year, int *month, int *day)
{
	const int z = d + 719468;
	const int era = (z >= 0 ? z : z - 146096) / 146097;
	const int doe = z - era * 146097;
	const int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	const int mp = (5 * doy + 2) / 153;
	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * 400 + (*month <= 2);
}

int day_of_week(kula_day d)
{
	const int w = (d + 3) % 7;      /* 1970-01-01 was a Thursday */
	return w < 0 ? w + 7 : w;
}
