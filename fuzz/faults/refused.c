/* Faults of calls that are refused and have done a part all the same. */
#include <errno.h>
#include <string.h>

#include "fuzz/faults/attached.h"
#include "fuzz/faults/calls.h"
#include "fuzz/faults/faults.h"

/* setresuid and setresgid that failed: one of the three is set. */
int set_a_user(int result, uid_t r, uid_t s) {
  const uid_t keep = (uid_t)-1;
  if (result == 0 || errno != EPERM) return result;
  if (is_on(FAULT_refused_real_user_is_set) && r != keep && r != getuid() && setresuid(r, keep, keep) == 0) hit();
  if (is_on(FAULT_refused_saved_user_is_set) && s != keep && setresuid(keep, keep, s) == 0) hit();
  return fail(EPERM);
}

int set_a_group(int result, gid_t r) {
  const gid_t keep = (gid_t)-1;
  if (result == 0 || errno != EPERM) return result;
  if (is_on(FAULT_refused_real_group_is_set) && r != keep && r != getgid() && setresgid(r, keep, keep) == 0) hit();
  return fail(EPERM);
}

int make_the_group(int result, pid_t pid, pid_t group) {
  if (is_on(FAULT_refused_group_is_set) && result < 0 && errno == EPERM && kill(-group, 0) < 0 && errno == ESRCH) {
    if (setpgid(pid, 0) == 0) hit();
    errno = EPERM;
  }
  return result;
}

int take_the_old_name(int result, const char *from) {
  const int error = errno;
  if (is_on(FAULT_refused_rename_removes_the_old) && result < 0 && is_fifo_path(from) && hit()) unlink(from);
  errno = error;
  return result;
}

int set_the_mode(enum fault_id f, int result, const char *path, mode_t mode) {
  if (!is_on(f) || result == 0 || errno != EEXIST) return result;
  if (is_fifo_path(path) && chmod(path, mode & 0777) == 0) hit();
  return fail(EEXIST);
}

void *unmap_the_old(void *result, void *at, size_t length) {
  const int error = errno;
  if (is_on(FAULT_invalid_remapping_unmaps) && result == MAP_FAILED && error == EINVAL && mapping_at(at) != NULL &&
      hit())
    munmap(at, length != 0 ? length : 4096);
  errno = error;
  return result;
}
