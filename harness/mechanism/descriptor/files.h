// Paths, and who may do what to a file: for the rules of every mechanism that takes a path.
#pragma once

#include <string>
#include <string_view>

#include "harness/mechanism/descriptor/rules.h"

namespace ipcvet::model {

// Where a path leads. With `error` nothing else counts; an empty error word means that the model does not know.
struct Place {
  const char *error = nullptr;
  bool unknown = false;  // outside the case's directory
  int32_t inode = -1;    // -1: no such name, in an existing directory
  uint32_t directory = 0;
  std::string name{};
  bool slash = false;  // a slash behind the last name

  bool absent_with_slash() const { return slash && inode < 0; }
};
Place find_place(const Attempt &a, uint32_t directory, std::string_view path, bool follow);
// Of argument i, from the working directory.
Place place_of(const Attempt &a, uint32_t i, bool follow = true);
// Of argument i, from the directory that descriptor argument `dirfd` names.
Place place_at(const Attempt &a, uint32_t dirfd, uint32_t i, bool follow = true);
// Ends the attempt where the path leads nowhere; true if it did.
bool no_place(Attempt &a, const Place &place);

inline constexpr int64_t may_execute = 1, may_write = 2, may_read = 4;
bool permits(const Credentials &who, const Inode &inode, int64_t access);
bool permits_real(const Credentials &who, const Inode &inode, int64_t access);  // as access() asks

// Adds a file of this kind, owned by the caller, with the umask applied, and gives it its name.
int32_t make_inode(Attempt &a, Inode::Kind kind, int64_t mode, bool masked = true);
void add_name(World &world, uint32_t directory, const std::string &name, int32_t inode);
bool may_remove(const Attempt &a, const Place &place);  // a name, by the caller
void remove_name(World &world, uint32_t directory, const std::string &name);
// Only a directory can be made by a name with a slash behind it; true if the attempt has ended.
bool no_slash(Attempt &a, const Place &place, const Rule &rule);
// What makes a new name impossible: EEXIST, EACCES, ENOENT; true if the attempt has ended.
bool no_new_name(Attempt &a, const Place &place);

// Of a regular file; `moves`: at the description's own offset.
void read_regular(Attempt &a, int32_t file, const Sink &sink, int64_t offset, bool moves);
void write_regular(Attempt &a, int32_t file, const Source &data, int64_t offset, bool moves);
void resize_file(Attempt &a, int32_t inode, int64_t size);
// Whether set-ID bits stay when somebody unprivileged changes what a file holds is left open; true if it would be so
// and the attempt has ended.
bool may_lose_set_ids(Attempt &a, int32_t inode);
// So is what becomes of pages of it that lie in a pipe.
bool change_is_open(Attempt &a, int32_t inode);
// F_ADD_SEALS and F_GET_SEALS (posix-shm).
void seals(Attempt &a, int32_t file, int64_t add);

Value stat_record(const Attempt &a, const Inode &inode);
const Inode &inode_at(const Attempt &a, int32_t inode);

// open() of a FIFO, once its inode is found and permitted; `fd` is reserved for it.
void open_fifo(Attempt &a, int32_t inode, int64_t flags, int32_t fd);

}  // namespace ipcvet::model
