/* file: whole files, mapped or read; where installed files lie. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static kula_status fail_errno(kula_error *err, const char *path, const char *what)
{
	return kula_fail(err, KULA_EIO, 0, "'%s' can't be %s: %s", path, what, strerror(errno));
}

kula_status file_map(const char *path, mapped *m, kula_error *err)
{
	*m = (mapped){0};
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, path, "opened");
	struct stat st;
	kula_status status = KULA_OK;
	if (fstat(fd, &st) != 0)
		status = fail_errno(err, path, "looked at");
	else if (!S_ISREG(st.st_mode))
		status = kula_fail(err, KULA_EIO, 0, "'%s' is no regular file", path);
	else if (st.st_size == 0)
		m->at = (const byte *)"";
	else {
		void *const at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		if (at == MAP_FAILED)
			status = fail_errno(err, path, "mapped");
		else
			*m = (mapped){at, (size_t)st.st_size};
	}
	close(fd);
	return status;
}

void file_unmap(mapped *m)
{
	if (m->n > 0)
		munmap((void *)(uintptr_t)m->at, m->n);
	*m = (mapped){0};
}

kula_status file_read(const char *path, size_t limit_bytes, buf *out, kula_error *err)
{
	const bool standard = strcmp(path, "-") == 0;
	const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, path, "opened");
	kula_status status = KULA_OK;
	char *const block = base_malloc(65536);
	if (block == NULL)
		status = kula_fail(err, KULA_EMEMORY, 0, "no memory to read '%s'", path);
	for (size_t sum = 0; status == KULA_OK;) {
		const ssize_t n = read(fd, block, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			status = fail_errno(err, path, "read");
		if (n <= 0)
			break;
		if ((size_t)n > limit_bytes - sum) {
			status = kula_fail(err, KULA_ELIMIT, limit_bytes, "'%s' is longer than %zu bytes", path, limit_bytes);
			break;
		}
		sum += (size_t)n;
		buf_add(out, block, (size_t)n);
		if (out->refused)
			status = kula_fail(err, KULA_EMEMORY, sum, "no memory to read '%s'", path);
	}
	free(block);
	if (!standard)
		close(fd);
	return status;
}

#ifndef KULA_SHARE
#define KULA_SHARE "/usr/local/share/kula"
#endif

/* "folder" "beside" / "name" if it can be read there. */
static bool stands(const char *folder, const char *beside, const char *name, char *room, size_t room_bytes)
{
	const int n = snprintf(room, room_bytes, "%s%s/%s", folder, beside, name);
	return n > 0 && (size_t)n < room_bytes && access(room, R_OK) == 0;
}

const char *data_path(const char *name, char *room, size_t room_bytes)
{
	static const char *const installed[] = {"/../share/kula", "/../data", ""};
	/* build/x/kula, build/tests/unit/x */
	static const char *const built[] = {"/../../data", "/..", "/../..", "/../../../data", "/../../../../data"};
	char program[4096];
	const char *const own = getenv("KULA_DATA");
	if (own != NULL && own[0] != '\0' && stands(own, "", name, room, room_bytes))
		return room;
	const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	program[MAX_OF(length, 0)] = '\0';
	char *const slash = strrchr(program, '/');
	if (slash != NULL)
		*slash = '\0';
	for (size_t i = 0; slash != NULL && i < COUNT_OF(installed); i++)
		if (stands(program, installed[i], name, room, room_bytes))
			return room;
	if (stands(KULA_SHARE, "", name, room, room_bytes))
		return room;
	for (size_t i = 0; slash != NULL && i < COUNT_OF(built); i++)
		if (stands(program, built[i], name, room, room_bytes))
			return room;
	return NULL;
}
