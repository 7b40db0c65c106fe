// Where paths lead.
#include <algorithm>

#include "harness/mechanism/descriptor/files.h"
#include "harness/mechanism/posix-shm/rules.h"

namespace ipcvet::model {
namespace {

constexpr int most_links = 40;

int32_t lookup(const Inode &directory, std::string_view name) {
  for (const auto &[text, inode] : directory.names)
    if (text == name) return static_cast<int32_t>(inode);
  return -1;
}

Place failed(const char *error) {
  Place p;
  p.error = error;
  return p;
}

Place outside() {
  Place p;
  p.unknown = true;
  return p;
}

// The root of all paths, which is there; nothing else of it is known.
Place root() {
  Place p;
  p.inode = 0;
  p.name = "/";
  return p;
}

// One walk along a path; symbolic links are followed by walking anew from where they stand.
class Walk {
 public:
  Walk(const Attempt &a, bool follow) : a_(a), follow_(follow) {}

  Place from(uint32_t directory, std::string_view path) {
    if (path.empty()) return failed("ENOENT");
    if (static_cast<int64_t>(path.size()) >= a_.setting.limits.path_max) return failed("ENAMETOOLONG");
    if (path == "/") return root();
    at_ = directory;
    if (path.front() == '/') {
      if (!path.starts_with(shm_path) || path == shm_path) return outside();
      path.remove_prefix(std::min(path.find_first_not_of('/', shm_path.size()), path.size()));
      at_ = shm_directory;
    }
    while (true) {
      const size_t end = std::min(path.find('/'), path.size());
      const std::string_view name = path.substr(0, end);
      size_t next = end;
      while (next < path.size() && path[next] == '/') ++next;
      const bool slash = next > end, last = next == path.size();
      if (name != "." || last) {
        Place p = component(name, last, slash);
        if (p.error || p.unknown || last) return p;
        at_ = static_cast<uint32_t>(p.inode);
      } else if (const char *error = closed()) {  // of a long path there may be thousands
        return failed(error);
      }
      path.remove_prefix(next);
    }
  }

 private:
  // Why nothing can be looked up where the walk has come to; nullptr: it can.
  const char *closed() const {
    const Inode &directory = inode_at(a_, static_cast<int32_t>(at_));
    if (directory.kind != Inode::Kind::directory) return "ENOTDIR";
    return permits(a_.process().who, directory, may_execute) ? nullptr : "EACCES";
  }

  Place component(std::string_view name, bool last, bool slash) {
    if (const char *error = closed()) return failed(error);
    const Inode &directory = inode_at(a_, static_cast<int32_t>(at_));
    Place p;
    p.directory = at_;
    p.name = name;
    p.slash = slash && last;
    if (name == "..") {
      if (at_ == 0 || at_ == shm_directory) return outside();
      p.inode = static_cast<int32_t>(directory.parent);
    } else if (name == ".") {
      p.inode = static_cast<int32_t>(at_);
    } else {
      if (static_cast<int64_t>(name.size()) > a_.setting.limits.name_max) return failed("ENAMETOOLONG");
      p.inode = lookup(directory, name);
    }
    return arrived(std::move(p), last);
  }

  Place arrived(Place p, bool last) {
    if (p.inode < 0) return last ? p : failed("ENOENT");
    const Inode &inode = inode_at(a_, p.inode);
    if (inode.kind == Inode::Kind::link && (!last || follow_ || p.slash)) {
      if (++links_ > most_links) return failed("ELOOP");
      const uint32_t back = at_;
      const bool follow = follow_;
      follow_ = follow_ || !last || p.slash;
      Place target = from(p.directory, inode.bytes);
      at_ = back;
      follow_ = follow;
      if (!last && !target.error && !target.unknown && target.inode < 0) return failed("ENOENT");
      target.slash = target.slash || p.slash;
      p = std::move(target);
      if (p.error || p.unknown || p.inode < 0) return p;
    }
    const bool directory = inode_at(a_, p.inode).kind == Inode::Kind::directory;
    if ((!last || p.slash) && !directory) {
      Place none = failed("ENOTDIR");
      none.slash = last;
      return none;
    }
    return p;
  }

  const Attempt &a_;
  bool follow_;
  uint32_t at_ = 0;
  int links_ = 0;
};

bool permits_as(int64_t uid, int64_t gid, const Inode &inode, int64_t access) {
  if (uid == 0) {
    const bool runs = (access & may_execute) != 0 && inode.kind != Inode::Kind::directory;
    return !runs || (inode.mode & 0111) != 0;
  }
  const int shift = uid == inode.uid ? 6 : gid == inode.gid ? 3 : 0;
  return ((inode.mode >> shift) & access) == access;
}

}  // namespace

const Inode &inode_at(const Attempt &a, int32_t inode) { return a.world.inodes[static_cast<size_t>(inode)]; }

bool permits(const Credentials &who, const Inode &inode, int64_t access) {
  return permits_as(who.euid, who.egid, inode, access);
}
bool permits_real(const Credentials &who, const Inode &inode, int64_t access) {
  return permits_as(who.ruid, who.rgid, inode, access);
}

Place find_place(const Attempt &a, uint32_t directory, std::string_view path, bool follow) {
  return Walk(a, follow).from(directory, path);
}

Place place_of(const Attempt &a, uint32_t i, bool follow) {
  const std::string *path = a.bytes(i);
  if (!path) return a.is_word(i, "bad") || a.is_word(i, "NULL") ? failed("EFAULT") : outside();
  return find_place(a, a.process().directory, *path, follow);
}

Place place_at(const Attempt &a, uint32_t dirfd, uint32_t i, bool follow) {
  const int64_t fd = a.number(dirfd, -1);
  const std::string *path = a.bytes(i);
  if (fd == a.k.AT_FDCWD_ || !path || path->starts_with('/')) return place_of(a, i, follow);
  if (path->empty()) return failed("ENOENT");
  if (static_cast<int64_t>(path->size()) >= a.setting.limits.path_max) return failed("ENAMETOOLONG");
  const int32_t f = file_of(a.process(), fd);
  if (f < 0) return failed("EBADF");
  if (a.file_at(f).inode < 0 || inode_at(a, a.file_at(f).inode).kind != Inode::Kind::directory)
    return failed("ENOTDIR");
  return find_place(a, static_cast<uint32_t>(a.file_at(f).inode), *path, follow);
}

bool no_place(Attempt &a, const Place &place) {
  if (place.unknown) {
    a.unmodelled("a path outside the case's directory");
    return true;
  }
  if (place.error) a.fails(RULE("scaffold/path"), place.error);
  return place.error != nullptr;
}

bool no_slash(Attempt &a, const Place &place, const Rule &rule) {
  if (place.absent_with_slash()) a.fails(rule, "ENOENT");
  return place.absent_with_slash();
}

}  // namespace ipcvet::model
