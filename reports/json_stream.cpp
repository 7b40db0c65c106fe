#include "reports/json_stream.h"

#include <algorithm>

namespace ipcvet {
namespace {

using Json = nlohmann::json;

constexpr size_t deepest = 64;

bool among(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Builds the parts that are wanted and passes over the rest. `depth_` counts the open objects and arrays of the
// document, `open_` are those of them that belong to the part being built.
class Splitter : public nlohmann::json_sax<Json> {
 public:
  explicit Splitter(const RecordParts &parts) : parts_(parts) {}
  RecordError error{};
  bool is_object = false;

  bool null() override { return scalar(nullptr); }
  bool boolean(bool b) override { return scalar(b); }
  bool number_integer(number_integer_t n) override { return scalar(n); }
  bool number_unsigned(number_unsigned_t n) override { return scalar(n); }
  bool number_float(number_float_t n, const string_t &) override { return scalar(n); }
  bool string(string_t &s) override { return scalar(std::move(s)); }
  bool binary(binary_t &) override { return scalar(nullptr); }
  bool key(string_t &k) override {
    (depth_ == 1 ? member_ : key_) = k;
    return true;
  }
  bool start_object(std::size_t) override { return start(Json::object()); }
  bool start_array(std::size_t) override { return start(Json::array()); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t position, const std::string &token, const Json::exception &) override {
    error = {"byte " + std::to_string(position), token.empty() ? "the record ends too early" : "is no JSON"};
    return false;
  }

 private:
  bool start(Json empty) {
    if (++depth_ > deepest) {
      error = {"", "nests more than " + std::to_string(deepest) + " levels"};
      return false;
    }
    if (passing_ != 0) return true;
    if (depth_ == 1) {
      is_object = empty.is_object();
      if (!is_object) passing_ = depth_;
      return true;
    }
    if (depth_ == 2 && member_ == "cases" && empty.is_array()) return start_cases();
    if (!is_wanted()) {
      passing_ = depth_;
      return true;
    }
    open_.push_back(&put(std::move(empty)));
    return true;
  }

  bool start_cases() {
    if (had_cases_) {
      error = {"cases", "stands twice"};
      return false;
    }
    had_cases_ = in_cases_ = true;
    parts_.member(member_, Json::array());
    return true;
  }

  bool end() {
    --depth_;
    if (passing_ != 0) {
      if (depth_ < passing_) passing_ = 0;
    } else if (depth_ == 1 && in_cases_) {
      in_cases_ = false;
    } else if (!open_.empty()) {
      open_.pop_back();
      if (open_.empty()) deliver();
    }
    return true;
  }

  bool scalar(Json value) {
    if (passing_ != 0 || depth_ == 0 || !is_wanted()) return true;
    put(std::move(value));
    if (open_.empty()) deliver();
    return true;
  }

  bool is_wanted() const {
    if (open_.empty()) return in_cases_ || member_ == "cases" || among(parts_.wanted, member_);
    return !(in_cases_ && open_.size() == 1 && open_[0]->is_object() && among(parts_.left_out, key_));
  }

  Json &put(Json value) {
    if (open_.empty()) return part_ = std::move(value);
    Json &top = *open_.back();
    if (top.is_object()) return top[key_] = std::move(value);
    top.push_back(std::move(value));
    return top.back();
  }

  void deliver() {
    if (in_cases_)
      parts_.element(elements_++, part_);
    else
      parts_.member(member_, part_);
    part_ = nullptr;
  }

  const RecordParts &parts_;
  size_t depth_ = 0, passing_ = 0;  // passing_: the depth of what is passed over, or 0
  size_t elements_ = 0;
  bool had_cases_ = false, in_cases_ = false;
  std::string member_{}, key_{};
  Json part_{};
  std::vector<Json *> open_{};
};

}  // namespace

std::optional<RecordError> take_apart(std::string_view text, const RecordParts &parts) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return RecordError{"", "is empty"};
  Splitter splitter(parts);
  if (!Json::sax_parse(text.begin(), text.end(), &splitter)) {
    RecordError &error = splitter.error;
    if (error.what == "is no JSON" && error.where == "byte " + std::to_string(text.size() + 1))
      error.what = "the record ends too early";
    return error;
  }
  if (!splitter.is_object) return RecordError{"", "is no record: the outermost value is no object"};
  return std::nullopt;
}

}  // namespace ipcvet
