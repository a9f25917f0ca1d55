/*
 * Loaded with LD_PRELOAD into a process, this keeps, beside every regular file written under $POWERCUT_DIR, a shadow copy
 * under $POWERCUT_SHADOW that receives data only at fsync or fdatasync. When the process has been killed, the shadow is
 * what a power cut at that moment would have left in the worst case: nothing that was not synced. A rename is there at once.
 *
 *   POWERCUT_EIO_AFTER=n    the n-th sync and all later ones fail with EIO
 *   POWERCUT_LIE=1          syncs do nothing and say that they did (a lying disk)
 *   POWERCUT_KILL_AFTER=n   the process dies by SIGKILL in place of its n-th write or rename
 *
 * gcc -shared -fPIC -O1 -o powercut.so powercut.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES_MAX 256
#define PATH_BYTES 512
#define SHADOW_BYTES 1100

/* Bytes that were written since the last sync. */
typedef struct Range {
  off_t from, to;
  struct Range *next;
} Range;

typedef struct {
  char path[PATH_BYTES];
  Range *dirty;
  int used;
} File;

static File files[FILES_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long syncs, writes;
static const char *directory, *shadow;

static int (*real_fsync)(int), (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);

__attribute__((constructor)) static void start(void) {
  if (real_unlink) return;
  directory = getenv("POWERCUT_DIR");
  shadow = getenv("POWERCUT_SHADOW");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  real_write = dlsym(RTLD_NEXT, "write");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
}

static int is_watched(const char *path) {
  return directory && strncmp(path, directory, strlen(directory)) == 0;
}

static void shadow_of(const char *path, char *out) {
  snprintf(out, SHADOW_BYTES, "%s%s", shadow, path + strlen(directory));
}

/* The file behind a descriptor, if it is a watched one. The memory that connections share (-shm) is no data. */
static File *file_of(int fd) {
  if (!directory) return NULL;
  char link[64], path[PATH_BYTES];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return NULL;
  path[length] = 0;
  if (!is_watched(path) || strstr(path, "-shm")) return NULL;
  File *unused = NULL;
  for (int i = 0; i < FILES_MAX; i++) {
    if (files[i].used && strcmp(files[i].path, path) == 0) return &files[i];
    if (!files[i].used && !unused) unused = &files[i];
  }
  if (unused) {
    unused->used = 1;
    unused->dirty = NULL;
    strcpy(unused->path, path);
  }
  return unused;
}

static void mark_dirty(File *file, off_t from, off_t to) {
  Range *range = malloc(sizeof *range);
  range->from = from;
  range->to = to;
  range->next = file->dirty;
  file->dirty = range;
}

static void copy_dirty(File *file, int fd) {
  static char buffer[1 << 16];
  char link[64], target[SHADOW_BYTES];
  struct stat stats;
  shadow_of(file->path, target);
  int out = open(target, O_RDWR | O_CREAT, 0644);
  if (out < 0) return;
  fstat(fd, &stats);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int in = open(link, O_RDONLY);
  for (Range *range = file->dirty, *next; range; range = next) {
    next = range->next;
    for (off_t at = range->from; at < range->to && at < stats.st_size;) {
      off_t left = range->to - at;
      size_t size = left < (off_t)sizeof buffer ? (size_t)left : sizeof buffer;
      ssize_t got = pread(in, buffer, size, at);
      if (got <= 0) break;
      real_pwrite(out, buffer, got, at);
      at += got;
    }
    free(range);
  }
  file->dirty = NULL;
  real_ftruncate(out, stats.st_size);
  close(in);
  close(out);
}

static void count_write(void) {
  const char *limit = getenv("POWERCUT_KILL_AFTER");
  writes++;
  if (limit && writes >= atol(limit)) kill(getpid(), SIGKILL);
}

static ssize_t write_at(int fd, const void *bytes, size_t size, off_t at) {
  start();
  pthread_mutex_lock(&lock);
  File *file = file_of(fd);
  if (file) count_write();
  ssize_t written = real_pwrite(fd, bytes, size, at);
  int error = errno;
  if (file && written > 0) mark_dirty(file, at, at + written);
  pthread_mutex_unlock(&lock);
  errno = error;
  return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
  return write_at(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  return write_at(fd, bytes, size, at);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  start();
  off_t at = directory && fd > 2 ? lseek(fd, 0, SEEK_CUR) : -1;
  if (at < 0) return real_write(fd, bytes, size);
  pthread_mutex_lock(&lock);
  File *file = file_of(fd);
  if (file) count_write();
  ssize_t written = real_write(fd, bytes, size);
  int error = errno;
  if (file && written > 0) mark_dirty(file, at, at + written);
  pthread_mutex_unlock(&lock);
  errno = error;
  return written;
}

static int sync_file(int fd, int (*real)(int)) {
  pthread_mutex_lock(&lock);
  File *file = file_of(fd);
  int fails = 0;
  if (file) {
    const char *limit = getenv("POWERCUT_EIO_AFTER");
    syncs++;
    fails = limit && syncs >= atol(limit);
    if (!fails && !getenv("POWERCUT_LIE")) copy_dirty(file, fd);
  }
  pthread_mutex_unlock(&lock);
  if (fails) {
    errno = EIO;
    return -1;
  }
  return file ? 0 : real(fd);
}

int fsync(int fd) {
  start();
  return sync_file(fd, real_fsync);
}

int fdatasync(int fd) {
  start();
  return sync_file(fd, real_fdatasync);
}

int unlink(const char *path) {
  start();
  if (is_watched(path)) {
    char target[SHADOW_BYTES];
    shadow_of(path, target);
    real_unlink(target);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FILES_MAX; i++) {
      if (!files[i].used || strcmp(files[i].path, path) != 0) continue;
      files[i].used = 0;
      files[i].dirty = NULL;
    }
    pthread_mutex_unlock(&lock);
  }
  return real_unlink(path);
}

int rename(const char *from, const char *to) {
  start();
  if (!is_watched(from) || !is_watched(to)) return real_rename(from, to);
  char old[SHADOW_BYTES], new[SHADOW_BYTES];
  pthread_mutex_lock(&lock);
  count_write();
  pthread_mutex_unlock(&lock);
  shadow_of(from, old);
  shadow_of(to, new);
  int failed = real_rename(from, to);
  int error = errno;
  if (!failed) real_rename(old, new);
  errno = error;
  return failed;
}
