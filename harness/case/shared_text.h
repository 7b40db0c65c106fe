// A text that is never changed, so that its copies can be one: histories say the same bytes many times, as what
// a call was given, as what it gave back and as what the next one was given.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ipcvet {

class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)  // NOLINT(google-explicit-constructor): any text can be one
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}

  const std::string &text() const {
    static const std::string none;
    return text_ ? *text_ : none;
  }
  operator const std::string &() const { return text(); }  // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return text(); }     // NOLINT(google-explicit-constructor)

  size_t size() const { return text().size(); }
  bool empty() const { return !text_; }
  const char *data() const { return text().data(); }
  char operator[](size_t at) const { return text()[at]; }
  std::string substr(size_t at, size_t count = std::string::npos) const { return text().substr(at, count); }

  bool operator==(const SharedText &other) const { return text_ == other.text_ || text() == other.text(); }
  bool operator==(std::string_view other) const { return text() == other; }

 private:
  std::shared_ptr<const std::string> text_;
};

}  // namespace ipcvet
