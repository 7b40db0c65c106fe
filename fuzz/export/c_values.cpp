#include "fuzz/export/c_values.h"

#include <fmt/format.h>

#include <cstdint>

#include "harness/mechanism/table.h"

namespace ipcvet::fuzz {

int CNames::place(const std::string &name) {
  return places_.try_emplace(name, static_cast<int>(places_.size())).first->second;
}

std::string c_string(std::string_view bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || c == '?')
      out += std::string("\\") + c;
    else if (u >= 0x20 && u < 0x7f)
      out += c;
    else
      out += fmt::format("\\{:03o}", u);
  }
  return out + "\"";
}

std::optional<std::string> c_number(const Value &v, CNames &names) {
  if (const auto *i = v.as<Value::Int>())
    return i->value == INT64_MIN                         ? "LONG_MIN"
           : i->base == Value::Base::oct && i->value > 0 ? fmt::format("0{:o}L", i->value)
                                                         : fmt::format("{}L", i->value);
  if (const auto *n = v.as<Value::Name>()) {
    if (n->text == "NULL") return "0L";
    if (n->text == "bad") return "(long)bad";
    if (n->text == "PAGE_SIZE") return "sysconf(_SC_PAGESIZE)";
    if (n->text == "IOV_MAX") return "sysconf(_SC_IOV_MAX)";
    if (n->text == "SIZE_MAX") return "-1L";
    if (find_constant(n->text)) return "(long)" + n->text;
    return names.of(n->text);
  }
  if (const auto *b = v.as<Value::Binary>()) {
    const auto left = c_number(b->sides[0], names), right = c_number(b->sides[1], names);
    if (left && right && b->op != Value::Op::range)
      return "(" + *left + " " + static_cast<char>(b->op) + " " + *right + ")";
  }
  return std::nullopt;
}

std::optional<CBytes> c_bytes(const Value &v, CNames &names) {
  if (const auto *bytes = v.as<Value::Bytes>())
    return CBytes{c_string(bytes->bytes), std::to_string(bytes->bytes.size())};
  const auto *b = v.as<Value::Binary>();
  if (!b) return std::nullopt;
  if (b->op == Value::Op::mul) {
    const bool bytes_first = c_bytes(b->sides[0], names).has_value();
    const auto one = c_bytes(b->sides[bytes_first ? 0 : 1], names);
    const auto times = c_number(b->sides[bytes_first ? 1 : 0], names);
    if (!one || !times) return std::nullopt;
    return CBytes{fmt::format("repeated({}, {}, (size_t)({}))", one->at, one->length, *times),
                  fmt::format("{} * (size_t)({})", one->length, *times)};
  }
  const auto left = c_bytes(b->sides[0], names), right = c_bytes(b->sides[1], names);
  if (b->op != Value::Op::add || !left || !right) return std::nullopt;
  return CBytes{fmt::format("joined({}, {}, {}, {})", left->at, left->length, right->at, right->length),
                fmt::format("({} + {})", left->length, right->length)};
}

}  // namespace ipcvet::fuzz
