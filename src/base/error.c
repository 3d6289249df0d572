#include "base/base.h"

kula_status kula_fail(kula_error *err, kula_status status, uint64_t at_byte, const char *format, ...)
{
	if (err == NULL || err->status != KULA_OK)
		return status;
	err->status = status;
	err->byte = at_byte;
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return status;
}

const char *kula_status_word(kula_status s)
{
	static const char *const words[] = { "ok", "usage", "io", "format", "limit", "memory", "version", "busy", "not found", "cancelled" };
	return (size_t)s < COUNT_OF(words) ? words[s] : "unknown";
}
