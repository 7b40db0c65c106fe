// Compares one expected value with what happened, in a scope.
//
// A Matcher collects the names it binds and the observations it makes; the caller takes them over only when everything
// it wanted matched. `rollback` forgets what a failed alternative left behind.
#pragma once

#include <vector>

#include "harness/judge/resolve.h"
#include "harness/mechanism/table.h"

namespace ipcvet {

class Matcher {
 public:
  Matcher(const Bindings &bound, const Constants &constants, int64_t started, int64_t clock)
      : scope_{&bound, &constants, {}}, started_(started), clock_(clock) {}

  bool match(const Value &expected, const Value &actual);
  bool match_set(const Value &expected, const Value &actual);  // lists compared as sets
  // Fields the record's table calls signal sets are compared as sets; `spec` may be nullptr.
  bool match_record(const Value::Record &expected, const Value &actual, const RecordSpec *spec);

  struct Mark {
    size_t fresh, seen;
  };
  Mark mark() const { return {scope_.fresh.size(), seen_.size()}; }
  void rollback(Mark m);
  void commit(Bindings &bindings, std::vector<Observation> &observations);
  const Scope &scope() const { return scope_; }

 private:
  bool match_name(const std::string &name, const Value &actual);
  bool match_word(const std::string &word, const Value &actual) const;
  bool match_observe(const std::string &name, const Value &actual);
  bool match_binary(const Value &expected, const Value::Binary &binary, const Value &actual) const;
  bool match_list(const Value::List &expected, const Value &actual);
  bool match_error(const std::string &name, const Value &actual) const;

  Scope scope_;
  std::vector<Observation> seen_{};
  int64_t started_, clock_;
};

}  // namespace ipcvet
