// A case as a C program that needs nothing but a C compiler: for reports to people who do not have ipcvet.
//
// The program performs the case's steps by real processes and threads in the case's order, checks what each line says,
// and names the line that deviates. What it cannot express (stress parts, program images, `one of`, `...?`) is refused
// with the reason and not left out.
#pragma once

#include <expected>
#include <string>

#include "harness/case/case.h"

namespace ipcvet::fuzz {

// `instance` is one that expand() made (or a case without a table). The error is a sentence.
std::expected<std::string, std::string> c_program(const Case &instance);

}  // namespace ipcvet::fuzz
