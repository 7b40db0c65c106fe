// Shared memory objects and memory files, for the rules of calls that reach them through names or descriptors.
#pragma once

#include "harness/mechanism/descriptor/files.h"

namespace ipcvet::model {

// The directory that holds the names of shared memory objects; an inode that every world begins with.
inline constexpr uint32_t shm_directory = 1;
inline constexpr std::string_view shm_path = "/dev/shm/";

// Each ends the attempt and says true where the file's seals forbid it.
bool sealed_against_writing(Attempt &a, int32_t inode, int64_t offset, int64_t size);
bool sealed_against_size(Attempt &a, int32_t inode, int64_t size);
bool sealed_against_mode(Attempt &a, int32_t inode, int64_t mode);

// fallocate() of a regular file open for writing.
void allocate(Attempt &a, int32_t file);

}  // namespace ipcvet::model
