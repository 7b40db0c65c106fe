// Writes one call as C. Its parts are in two files: plain arguments and the call (c_call.cpp), and those that are
// structures or lists (c_structures.cpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/export/c_call.h"
#include "fuzz/program/step.h"

namespace ipcvet::fuzz {

inline bool is_address(const Value &v) {
  return !word_of(v).empty() || (v.as<Value::Binary>() && !word_of(v.as<Value::Binary>()->sides[0]).empty());
}

// The C type of a record, and what its members begin with.
struct Structure {
  std::string_view record, type, prefix;
};

class CallWriter {
 public:
  CallWriter(const Step &given, const Step *checks, int line, CNames &names)
      : given_(given), checks_(checks), line_(line), names_(names), spec_(*find_call(given.call.name)) {}

  std::expected<std::string, std::string> write() {
    for (uint32_t i = 0; i < given_.call.args.size() && i < spec_.nargs; ++i) argument(i);
    if (!error_.empty()) return std::unexpected(error_);
    std::string body =
        before_ + "  errno = 0;\n  const long r = (long)" + call() + ";\n  const int e = errno;\n  (void)e;\n";
    if (checks_) {
      outcome();
      body += after_outcome_ + (after_.empty() ? "" : "  if (r != -1) {\n" + after_ + "  }\n");
    }
    if (!error_.empty()) return std::unexpected(error_);
    return body;
  }

 private:
  void fail(std::string why);
  std::string number(const Value &v);
  // What the line expects in this place.
  const Value *expected(uint32_t i) const;
  std::string local(const char *stem, uint32_t i) const { return stem + std::to_string(i); }
  void check(const std::string &condition, const std::string &what, const std::string &shown = "");
  // The argument that says how large argument i is.
  std::string size_of(uint32_t i);
  void argument(uint32_t i);
  std::string cast(uint32_t i) const;
  void text(uint32_t i, const Value &v);
  void input(uint32_t i, const Value &v);
  void output(uint32_t i, const Value &v);
  void same_bytes(const Value &want, const std::string &at, const std::string &length);
  void ends(uint32_t i, const Value &v);
  static const Value *field(const Value &v, std::string_view name);
  void message_in(uint32_t i, const Value &v);
  void message_out(uint32_t i, const Value &v);
  void record(uint32_t i, const Value &v);
  void set_fields(const Structure &s, const Value &v, const std::string &at);
  void check_fields(const Structure &s, const Value &want, const std::string &at);
  void bind_to(const std::string &name, const std::string &actual);
  void time(uint32_t i, const Value &v);
  std::string handler(const Value &v);
  void action(uint32_t i, const Value &v);
  void signals(uint32_t i, const Value &v);
  void wait_status(uint32_t i, const Value &v);
  void vectors(uint32_t i, const Value &v, bool in);
  void vector(uint32_t i, size_t k, const Value &item, const std::string &at, bool in);
  void polled(uint32_t i, const Value &v);
  void int_out(uint32_t i, const Value &v);
  std::string call();
  void outcome();

  const Step &given_;
  const Step *checks_;
  int line_;
  CNames &names_;
  const CallSpec &spec_;
  std::string before_, after_, after_outcome_, error_;
  std::vector<std::string> args_;
};

}  // namespace ipcvet::fuzz
