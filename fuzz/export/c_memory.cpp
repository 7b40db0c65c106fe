// A store to mapped memory, or what is expected in it, as statements of C.
#include <fmt/format.h>

#include "fuzz/export/c_call.h"

namespace ipcvet::fuzz {

std::expected<std::string, std::string> c_memory(const Step &step, int line, const std::string &fault, CNames &names) {
  const auto offset = c_number(step.offset, names);
  const bool store = step.kind == Step::Kind::store;
  const auto data = c_bytes(step.value, names);
  if (!offset || (!data && !step.value.as<Value::Any>())) return std::unexpected("this memory line has no C form yet");
  const std::string at = fmt::format("(char *){} + {}", names.of(step.memory), *offset);
  const std::string from = data ? data->at : "\"\"", length = data ? data->length : "1";
  std::string out =
      fmt::format("  const size_t n = {};\n  const char *data = {};\n  char *held = room(n);\n", length, from);
  out += fmt::format("  const int signo = {};\n",
                     store ? "accessed(" + at + ", data, n)" : "accessed(held, " + at + ", n)");
  out += fmt::format("  if (signo != {}) deviates({}, \"the access raised signal %d\", signo);\n",
                     fault.empty() ? "0" : fault, line);
  if (!store && fault.empty() && data)
    out +=
        fmt::format("  if (signo == 0 && memcmp(held, data, n) != 0) deviates({}, \"other bytes are there\");\n", line);
  return out;
}

}  // namespace ipcvet::fuzz
