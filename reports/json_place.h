// One place in a JSON document that may be anything: every access is checked, and the first thing wrong is kept with
// its path, as in `cases[3].history[0].kind`. Places of one reading share that first error, so readers need no error
// paths of their own: after it, whatever they build is thrown away.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include "reports/json.h"

namespace ipcvet {

class Place {
 public:
  using Json = nlohmann::json;
  struct Shared {
    RecordError error{};
    size_t unfolded = 0;
  };

  Place(const Json *json, std::string path, Shared &shared) : json_(json), path_(std::move(path)), shared_(&shared) {}

  bool ok() const { return shared_->error.what.empty(); }
  void fail(const std::string &what) const;
  const Json *json() const { return json_; }
  bool present() const { return json_ && !json_->is_null(); }
  bool is_array() const { return json_ && json_->is_array(); }
  bool is_object() const { return json_ && json_->is_object(); }

  Place operator[](const char *key) const;
  Place at(size_t i) const { return {&(*json_)[i], path_ + "[" + std::to_string(i) + "]", *shared_}; }
  size_t size() const { return json_->size(); }

  // Every element of an array; an absent one is empty.
  template <typename Visit>
  void each(Visit visit) const {
    if (!present()) return;
    if (!is_array()) return fail("is no array");
    for (size_t i = 0; i < size() && ok(); ++i) visit(at(i));
  }

  std::string text() const;  // absent: empty
  std::string required_text() const;
  int64_t number(int64_t low = INT64_MIN, int64_t high = INT64_MAX) const;  // absent: 0
  uint32_t small() const { return static_cast<uint32_t>(number(0, UINT32_MAX)); }
  double real() const;
  bool flag() const;
  // Counts what folded data grows to, so that a small file cannot ask for all memory.
  bool unfold(size_t bytes) const;

  // One of the names of a table.
  template <typename Enum, size_t N>
  Enum named(const std::pair<const char *, Enum> (&names)[N]) const {
    const std::string text = required_text();
    for (const auto &[name, value] : names)
      if (text == name) return value;
    fail("has the unknown value \"" + text.substr(0, 40) + "\"");
    return names[0].second;
  }

 private:
  const Json *json_;
  std::string path_;
  Shared *shared_;
};

}  // namespace ipcvet
