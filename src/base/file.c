#include "base/base.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef KULA_PREFIX
#define KULA_PREFIX "/usr/local"
#endif

kula_status file_map(const char *path, mapped *m, kula_error *err)
{
	*m = (mapped){ 0 };
	if (err != NULL && err->source == NULL)
		err->source = path;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return kula_fail(err, KULA_EIO, 0, "can't open '%s': %s", path, strerror(errno));
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return kula_fail(err, KULA_EIO, 0, "'%s' is not a file that can be mapped", path);
	}
	if (st.st_size > 0) {
		void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (at == MAP_FAILED) {
			const int why = errno;
			close(fd);
			return kula_fail(err, KULA_EIO, 0, "can't map '%s': %s", path, strerror(why));
		}
		*m = (mapped){ at, (size_t)st.st_size };
	}
	close(fd);
	return KULA_OK;
}

void file_unmap(mapped *m)
{
	if (m->at != NULL)
		munmap((void *)(uintptr_t)m->at, m->n);
	*m = (mapped){ 0 };
}

kula_status file_read(const char *path, size_t limit_bytes, buf *out, kula_error *err)
{
	const bool in = strcmp(path, "-") == 0;
	const char *name = in ? "standard input" : path;
	const int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return kula_fail(err, KULA_EIO, 0, "can't open '%s': %s", name, strerror(errno));
	kula_status st = KULA_OK;
	char block[65536];
	for (;;) {
		const ssize_t n = read(fd, block, sizeof block);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			st = kula_fail(err, KULA_EIO, out->n, "can't read '%s': %s", name, strerror(errno));
		if (n <= 0)
			break;
		if (out->n + (size_t)n > limit_bytes) {
			st = kula_fail(err, KULA_ELIMIT, limit_bytes, "'%s' is longer than %zu bytes", name, limit_bytes);
			break;
		}
		buf_add(out, block, (size_t)n);
		if (out->refused) {
			st = kula_fail(err, KULA_EMEMORY, out->n, "no memory for '%s'", name);
			break;
		}
	}
	if (!in)
		close(fd);
	return st;
}

static const char *there(const char *folder, int folder_bytes, const char *between, const char *name, char *room, size_t room_bytes)
{
	const int n = snprintf(room, room_bytes, "%.*s%s/%s", folder_bytes, folder, between, name);
	return n > 0 && (size_t)n < room_bytes && access(room, R_OK) == 0 ? room : NULL;
}

const char *data_path(const char *name, char *room, size_t room_bytes)
{
	const char *own = getenv("KULA_DATA");
	if (own != NULL && own[0])
		return there(own, (int)MIN_OF(strlen(own), (size_t)4096), "", name, room, room_bytes);
	char exe[4096];
	const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n > 0) {
		int dir = (int)n;
		while (dir > 0 && exe[dir - 1] != '/')
			dir--;
		static const char *const near[] = { "../share/kula", "../data", "../../data", ".", ".." };
		for (size_t i = 0; i < COUNT_OF(near); i++)
			if (there(exe, dir, near[i], name, room, room_bytes) != NULL)
				return room;
	}
	return there(KULA_PREFIX, (int)strlen(KULA_PREFIX), "/share/kula", name, room, room_bytes);
}
