/* hash: the one hash for tables, and the one for identity. */
#include "base/base.h"

#include <nettle/sha2.h>
#include <xxhash.h>

uint64_t hash_bytes(const void *at, size_t n)
{
	return XXH3_64bits(at, n);
}

void sha256_hex(const void *at, size_t n, char out[65])
{
	static const char hex[] = "0123456789abcdef";
	struct sha256_ctx ctx;
	byte digest[SHA256_DIGEST_SIZE];
	sha256_init(&ctx);
	sha256_update(&ctx, n, at);
	sha256_digest(&ctx, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++) {
		out[2 * i] = hex[digest[i] >> 4];
		out[2 * i + 1] = hex[digest[i] & 15];
	}
	out[64] = '\0';
}
