// Memory for a process that makes and gives back small objects all the time: arguments, steps, parts of worlds.
//
// The C library's malloc() keeps only a few blocks of each size at hand, gives what is free at the end back to the
// system, and takes it again: a sixth of the time of fuzzing inside a process.
#pragma once

namespace ipcvet::fuzz {

// From now on, small objects lie in rows of their own, and no memory goes back. Only for a process of one thread.
void keep_memory();

}  // namespace ipcvet::fuzz
