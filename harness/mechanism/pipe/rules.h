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
void pipe_closed(World &world, const Setting &setting, const File &file);
// Bytes have come, or room: who watches is told.
void tell_readers(Attempt &a, int32_t file);
void tell_writers(Attempt &a, int32_t file);

}  // namespace ipcvet::model
