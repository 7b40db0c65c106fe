// What a pipe or FIFO does with bytes, for the calls that reach one.
#pragma once

#include "harness/mechanism/descriptor/rules.h"

namespace ipcvet::model {

void read_pipe(Attempt &a, int32_t file, const Sink &sink);
void write_pipe(Attempt &a, int32_t file, const Source &data);
// After a caught signal: what was moved so far, or EINTR.
void interrupted_pipe(Attempt &a);

const Pipe &pipe_of(const Attempt &a, int32_t file);
Pipe &edit_pipe(Attempt &a, int32_t file);
// Are pages of this file in a pipe? Linux moves them there without copying, and what becomes of the bytes in the pipe
// when the file is written is not said anywhere: then the attempt has ended.
bool lies_in_a_pipe(Attempt &a, int32_t inode);
void pipe_closed(World &world, const Setting &setting, const File &file);
// Bytes have come, or room: who watches is told.
void tell_readers(Attempt &a, int32_t file);
void tell_writers(Attempt &a, int32_t file);

}  // namespace ipcvet::model
