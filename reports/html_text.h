// Text of a record on its way into the page: as HTML, and as JSON inside a <script> element.
//
// A record is not trusted: names may hold markup, controls that reverse the line around them, or bytes that are no
// text at all. What a reader would not see as it is becomes \xNN here, once, so that neither the markup nor the
// script ever meets it; what could end a <script> element is escaped on top of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ipcvet {

// Printable UTF-8, with new lines kept and everything else as \xNN a byte.
std::string shown(std::string_view text);
// For an element or a quoted attribute.
std::string html_text(std::string_view text);
// A quoted JSON string without `<`, `>`, `&` and line separators.
std::string json_text(std::string_view text);

// Puts a comma before every item but the first.
class Comma {
 public:
  const char *operator()() { return first_ ? (first_ = false, "") : ","; }

 private:
  bool first_ = true;
};

template <typename Items, typename Each>
std::string json_list(const Items &items, const Each &each) {
  std::string out = "[";
  Comma comma;
  for (const auto &item : items) {
    out += comma();
    out += each(item);
  }
  return out + "]";
}

}  // namespace ipcvet
