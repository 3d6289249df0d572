/* error: the first cause is kept. */
#include "base/base.h"

/* Names and words of the input end in these texts, and the texts on terminals: control characters and what is not UTF-8
 * (a character that the room cut in two, say) become '?'. */
static void make_printable(char *text)
{
	const size_t n = strlen(text);
	for (size_t i = 0; i < n;) {
		uint32_t bytes;
		const uint32_t c = utf8_next((const byte *)text + i, n - i, &bytes);
		if (c < ' ' || (c >= 0x7F && c < 0xA0) || (c == 0xFFFD && bytes == 1))
			memset(text + i, '?', bytes);
		i += bytes;
	}
}

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
	make_printable(err->text);
	return status;
}

const char *kula_status_word(kula_status s)
{
	switch (s) {
	case KULA_OK:           return "ok";
	case KULA_EUSAGE:       return "usage";
	case KULA_EIO:          return "io";
	case KULA_EFORMAT:      return "format";
	case KULA_ELIMIT:       return "limit";
	case KULA_EMEMORY:      return "memory";
	case KULA_EVERSION:     return "version";
	case KULA_EBUSY:        return "busy";
	case KULA_ENOTFOUND:    return "not found";
	case KULA_ECANCELLED:   return "cancelled";
	}
	return "unknown";
}
