/* Tables: the first byte chooses how. As bytes with a mark and an encoding, rows and cells must lie where they say; as a register's
 * table, behind a header of its own, whatever is no fault must keep the contract. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "formats/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_rows(const uint8_t *data, size_t n, char mark, csv_encoding e)
{
	kula_error err = {0};
	byte *const at = malloc(n > 0 ? n : 1);         /* of exactly its length */
	if (at == NULL)
		return;
	memcpy(at, data, n);
	csv *const c = csv_of("fuzz", at, n, e, &err);
	arena *const a = arena_new((size_t)64 << 20);
	if (c != NULL && a != NULL) {
		csv_rewind(c, mark);
		uint32_t line = 0;
		for (size_t rows = 0; rows <= n + 1; rows++) {
			csv_row row;
			err = (kula_error){0};
			arena_clear(a);
			const kula_status status = csv_next(c, a, &row, &err);
			if (status == KULA_ENOTFOUND)
				break;
			if (rows > n)
				abort();                /* more rows than bytes: it doesn't move on */
			if (status != KULA_OK) {
				if (err.status == KULA_OK || err.text[0] == '\0')
					abort();
				continue;
			}
			if (row.count == 0 || row.line < line)
				abort();
			line = row.line;
			for (uint32_t i = 0; i < row.count; i++)
				if (utf8_check((const byte *)row.cells[i].at, row.cells[i].n) != row.cells[i].n || row.cells[i].line < row.line
						|| row.cells[i].column == 0)
					abort();
		}
	} else if (c == NULL && err.status == KULA_OK) {
		abort();
	}
	arena_free(a);
	csv_close(c);
	free(at);
}

static formats *tables;
static know *names;

static void as_table(const uint8_t *data, size_t n, import_format format)
{
	static const char *const heads[IMPORT_FORMATS] = {
		[IMPORT_CITES] = "Year,App.,Taxon,Class,Importer,Exporter,Origin,Importer reported quantity,Exporter reported quantity,Term,Unit,Purpose,Source\n",
		[IMPORT_SIPRI] = "Recipient,Supplier,Year of order,,Number ordered,,Weapon designation,Weapon description,Number delivered,,Year(s) of delivery\n",
		[IMPORT_KIEL] = "sub_activity_id,announcement_date,donor,aid_type_general,aid_type_specific,measure,item_type,item,item_numb,item_numb_deliv,tot_sub_activity_value_EUR\n",
	};
	kula_error err = {0};
	if (tables == NULL)
		tables = formats_open(NULL, &err);
	if (names == NULL)
		names = know_open(NULL, &err);
	char path[] = "/dev/shm/kula-fuzz-XXXXXX";
	const int fd = tables != NULL ? mkstemp(path) : -1;
	if (fd < 0)
		return;
	const char *const head = heads[format] != NULL ? heads[format] : "";
	const bool written = write(fd, head, strlen(head)) >= 0 && write(fd, data, n) >= 0;
	close(fd);
	const import_options o = {.format = format, .f = tables, .k = names, .published = KULA_NO_DAY};
	err = (kula_error){0};
	importer *const i = written ? import_open(&o, path, &err) : NULL;
	arena *const a = arena_new((size_t)64 << 20);
	for (size_t rows = 0; i != NULL && a != NULL && rows <= n + 64; rows++) {
		import_document d;
		err = (kula_error){0};
		arena_clear(a);
		const kula_status status = import_next(i, a, &d, &err);
		if (status == KULA_ENOTFOUND)
			break;
		if (rows == n + 64 || (status != KULA_OK && err.text[0] == '\0'))
			abort();
		for (uint32_t c = 0; status == KULA_OK && c < d.count; c++)
			if (!claims_check(&d.d, &d.claims[c], &err))
				abort();
	}
	arena_free(a);
	import_close(i);
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char marks[] = {',', ';', '\t', '|'};
	if (size == 0)
		return 0;
	const unsigned how = data[0] % 16;
	if (how < 8)
		as_rows(data + 1, size - 1, marks[how % 4], how < 4 ? CSV_AUTO : (csv_encoding)(CSV_WINDOWS_1252 + how % 3));
	else
		as_table(data + 1, size - 1, how % 2 ? IMPORT_CITES : how % 4 ? IMPORT_SIPRI : IMPORT_KIEL);
	return 0;
}
