// Checks calls, outcomes and records against the tables of harness/mechanism, and binds the names they bind.
#pragma once

#include <string>

#include "harness/case/case.h"
#include "harness/case/lint/names.h"
#include "harness/case/lint/report.h"
#include "harness/mechanism/table.h"

namespace ipcvet {

class CallLint {
 public:
  CallLint(Report &report, Names &names) : report_(report), names_(names) {}

  // The call and its arguments; nullptr if there is no such call. `completes`: what it fills in is bound and must be
  // bindable; a call that blocks has not filled in anything.
  const CallSpec *call(const Call &call, bool completes);
  void outcome(const CallSpec &spec, const Outcome &outcome);
  // In the line that completes a call, `_` stands for what it was given when it blocked.
  void resumed(bool yes) { resumed_ = yes; }
  // In a stress part `record` may stand for a buffer.
  void in_stress(bool yes) { stress_ = yes; }

  // A number that is known: a count, an offset.
  void number(const Value &value, const std::string &what);
  // A value to store (`input`), or to compare with.
  void memory(const Value &data, bool input);
  void exit_status(const Value &value);
  void siginfo(const Value &record);
  void signal(const std::string &name, Pos line);

 private:
  using Types = unsigned;
  struct Want {  // what an expectation may be
    Types types;
    Sense sense;
    std::string what;
    bool outcome = false;
  };

  const CallSpec *known(const Call &call);
  void argument(const Call &call, const ArgSpec &arg, size_t index);

  // inputs.cpp
  Types type_of(const Value &value);
  Types type_of_name(const Value &value, const std::string &name);
  Types type_of_binary(const Value &value, const Value::Binary &binary);
  void input(const Value &value, const ArgSpec &arg, const std::string &what);
  bool accepts_name(const Value &value, const ArgSpec &arg, const std::string &what);
  void constants_fit(const Value &value, const ArgSpec &arg, const std::string &what);
  bool word_fits(const Value &value, ArgKind kind, const std::string &what);
  void input_record(const Value::Record &record, std::string_view name);
  void input_field(const Field &field, const RecordField &spec);
  void list_of(const Value &list, std::string_view record, const std::string &what, bool filled);
  void must_be(const Value &value, Types accepted, std::string_view wanted, const std::string &what);
  void numbers(const Value::List &list, const std::string &what);

  // outputs.cpp
  void output(const Call &call, const Value &value, const ArgSpec &arg, const std::string &what);
  void record_inout(const Call &call, const Value &value, const ArgSpec &arg, const std::string &what);
  void expect(const Value &value, const Want &want);
  void expect_name(const Value &value, const std::string &name, const Want &want);
  void expect_bound(const Value &value, const std::string &name, const Names::Bound &bound, const Want &want);
  void expect_record(const Value &value, std::string_view record, const std::string &what);
  void expect_field(const Field &field, const RecordField &spec);
  void bindable(const Value &value, const std::string &name, Sense sense);
  void known_errno(const Value &value, const std::string &name);
  const RecordField *known_field(const Field &field, std::string_view record);

  Report &report_;
  Names &names_;
  bool stress_ = false;
  bool resumed_ = false;
  bool completes_ = true;
};

// The sorts of values, as bits.
namespace type {
inline constexpr unsigned number = 1, bytes = 2, list = 4, record = 8, null = 16, bad = 32, word = 64, any = 128,
                          unknown = 256, error = 512;
std::string_view text(unsigned one);
}  // namespace type

std::vector<std::string_view> words_of(ArgKind kind);  // log, count, ...: of HANDLER, IMAGE, SPAWN and CHANNEL

}  // namespace ipcvet
