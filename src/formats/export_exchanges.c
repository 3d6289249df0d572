#include "formats/export.h"
kula_status export_exchanges(writer *w) { return kula_fail(w->err, KULA_EUSAGE, 0, "exchanges are not written yet"); }
kula_status export_exchanges_csv(writer *w) { return export_exchanges(w); }
kula_status export_sipri(writer *w) { return export_exchanges(w); }
kula_status export_atop(writer *w) { return export_exchanges(w); }
