/* What the heads choose among. The same for preparing training data and for reading, so that the two can't drift apart. */
#include "claims/claims.h"

candidates *claims_candidates(arena *a, const vocabulary *v, const know *k, const kula_document *d, kula_error *err)
{
	candidates *c = ARENA_NEW(a, candidates, 1);
	if (c == NULL)
		goto refused;
	const size_t title_bytes = d->title != NULL ? strlen(d->title) : 0;
	c->doc = text_cut(a, v, (const byte *)d->text, d->text_bytes, (const byte *)d->title, title_bytes, err);
	if (c->doc == NULL)
		return NULL;
	c->win = text_windows(a, v, c->doc, err);
	if (c->win == NULL)
		return NULL;
	c->mentions = know_mentions(k, a, c->doc, d->published, d->publisher, &c->mention_count);
	if (c->mentions == NULL && arena_refused(a))
		goto refused;
	c->quantities = measure_quantities(a, c->doc, 0, c->doc->sentence_count, &c->quantity_count);
	if (c->quantities == NULL && arena_refused(a))
		goto refused;
	c->days = measure_days(a, c->doc, 0, c->doc->sentence_count, d->published, &c->day_count);
	if (c->days == NULL && arena_refused(a))
		goto refused;
	return c;
refused:
	kula_fail(err, KULA_ELIMIT, 0, "the document needs more memory than a document may take");
	return NULL;
}
