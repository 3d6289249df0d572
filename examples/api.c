/* The library in one page: reads a report from a file and prints who did what to whom.
 *
 *	cc api.c $(pkg-config --cflags --libs kula) -o api && ./api report.txt
 */
#include <kula/kula.h>
#include <stdio.h>

static void print_parties(const kula_party *p, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		printf("%s%s", i > 0 ? ", " : "", p[i].code[0] != '\0' ? p[i].code : p[i].text);
	if (count == 0)
		printf("?");
}

int main(int argc, char **argv)
{
	static char text[1 << 20];
	FILE *f = argc > 1 ? fopen(argv[1], "rb") : stdin;
	if (f == NULL) {
		perror(argv[1]);
		return 1;
	}
	const kula_document report = {
		.id = "report", .text = text, .text_bytes = fread(text, 1, sizeof(text), f),
		.published = kula_day_parse("2024-11-20", 10),
	};
	kula_error err = {0};
	kula_reader *reader = kula_reader_new(NULL, &err);
	kula_reading *reading = reader != NULL ? kula_read(reader, &report, &err) : NULL;
	if (reading == NULL) {
		fprintf(stderr, "%s\n", err.text);
		kula_reader_free(reader);
		return 1;
	}
	for (uint32_t i = 0; i < kula_claim_count(reading); i++) {
		const kula_claim *c = kula_claim_at(reading, i);
		printf("%s %s: ", kula_act_name(c->act), kula_status_name(c->status));
		print_parties(c->from, c->from_count);
		printf(" > ");
		print_parties(c->to, c->to_count);
		for (uint32_t j = 0; j < c->item_count; j++)
			printf(", %s", c->items[j].text);
		printf("  \"%s\"\n", c->evidence);
	}
	kula_reading_free(reading);
	kula_reader_free(reader);
	return 0;
}
