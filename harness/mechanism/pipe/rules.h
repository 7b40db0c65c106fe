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
void pipe_closed(World &world, const File &file);

}  // namespace ipcvet::model
