/*
 * Preloaded into a program, records what it writes below one folder: each write, change of size, sync and removal, in
 * order, so that the files can be rebuilt as a power cut at any moment would leave them.
 *
 * POWER_FOLDER: the folder, whose own name in a record is ".". POWER_JOURNAL: where the records go, each a header in text ("w 3 4096 24 name\n": kind,
 * descriptor's number, offset, length, the file's name) and, of a write, its bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define MOST_FILES 4096
#define LONGEST_NAME 512

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char names[MOST_FILES][LONGEST_NAME];
static int journal = -1;
static const char *folder;
static size_t folder_length;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWER_JOURNAL");
  folder = getenv("POWER_FOLDER");
  if (path == NULL || folder == NULL) return;
  folder_length = strlen(folder);
  journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void put(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t written = syscall(SYS_write, journal, at, length);
    if (written <= 0) abort();
    at += written;
    length -= written;
  }
}

static void record(char kind, const char *name, long long offset, const void *bytes, size_t length) {
  char header[LONGEST_NAME + 64];
  int size = snprintf(header, sizeof header, "%c %lld %zu %s\n", kind, offset, length, name);
  pthread_mutex_lock(&lock);
  put(header, size);
  if (bytes != NULL) put(bytes, length);
  pthread_mutex_unlock(&lock);
}

static int is_watched(int fd) {
  return journal >= 0 && fd >= 0 && fd < MOST_FILES && names[fd][0] != 0;
}

static int opened(int fd, const char *path) {
  if (journal < 0 || fd < 0 || fd >= MOST_FILES) return fd;
  names[fd][0] = 0;
  if (strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/') {
    snprintf(names[fd], LONGEST_NAME, "%s", path + folder_length + 1);
  } else if (strcmp(path, folder) == 0) {
    strcpy(names[fd], ".");
  }
  return fd;
}

#define MODE(flags, last) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, last); mode = va_arg(rest, int); va_end(rest); }

int open(const char *path, int flags, ...) {
  MODE(flags, flags)
  return opened(syscall(SYS_openat, AT_FDCWD, path, flags, mode), path);
}

int open64(const char *path, int flags, ...) {
  MODE(flags, flags)
  return opened(syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode), path);
}

int close(int fd) {
  if (is_watched(fd)) names[fd][0] = 0;
  return syscall(SYS_close, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  ssize_t written = syscall(SYS_pwrite64, fd, bytes, length, offset);
  if (written > 0 && is_watched(fd)) record('w', names[fd], offset, bytes, written);
  return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  off64_t offset = is_watched(fd) ? lseek64(fd, 0, SEEK_CUR) : 0;
  ssize_t written = syscall(SYS_write, fd, bytes, length);
  if (written > 0 && is_watched(fd)) record('w', names[fd], offset, bytes, written);
  return written;
}

int ftruncate64(int fd, off64_t length) {
  int result = syscall(SYS_ftruncate, fd, length);
  if (result == 0 && is_watched(fd)) record('t', names[fd], length, NULL, 0);
  return result;
}

int ftruncate(int fd, off_t length) {
  return ftruncate64(fd, length);
}

int fsync(int fd) {
  int result = syscall(SYS_fsync, fd);
  if (result == 0 && is_watched(fd)) record('s', names[fd], 0, NULL, 0);
  return result;
}

int fdatasync(int fd) {
  int result = syscall(SYS_fdatasync, fd);
  if (result == 0 && is_watched(fd)) record('s', names[fd], 0, NULL, 0);
  return result;
}

int unlink(const char *path) {
  int result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0 && journal >= 0 && strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/') {
    record('u', path + folder_length + 1, 0, NULL, 0);
  }
  return result;
}
