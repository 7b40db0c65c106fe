#include "reports/html_text.h"

#include <fmt/format.h>

#include "harness/case/text.h"

namespace ipcvet {
namespace {

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

const char *entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return nullptr;
  }
}

const char *json_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '&':
      return "\\u0026";
    case '<':
      return "\\u003c";
    case '>':
      return "\\u003e";
    default:
      return nullptr;
  }
}

std::string replaced(const std::string &text, const char *(*replacement)(char)) {
  std::string out;
  out.reserve(text.size() + 16);
  for (char c : text) {
    if (const char *by = replacement(c))
      out += by;
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string shown(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (is_plain(text[at]) || text[at] == '\n') {
      out += text[at++];
      continue;
    }
    const auto c = code_point(text, at);
    if (c && is_printable(c->value)) {
      out += text.substr(at, c->bytes);
      at += c->bytes;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
      ++at;
    }
  }
  return out;
}

std::string html_text(std::string_view text) { return replaced(shown(text), entity); }
std::string json_text(std::string_view text) { return '"' + replaced(shown(text), json_escape) + '"'; }

}  // namespace ipcvet
