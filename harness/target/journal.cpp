#include "harness/target/journal.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace ipcvet {
namespace {

constexpr std::string_view mark = "@ipcvet ";
constexpr size_t longest_line = size_t{64} << 20;

constexpr std::pair<std::string_view, Frame::Kind> kinds[] = {{"system", Frame::Kind::system},
                                                              {"begin", Frame::Kind::begin},
                                                              {"case", Frame::Kind::result},
                                                              {"trouble", Frame::Kind::trouble},
                                                              {"end", Frame::Kind::end}};

// The polynomial of IEEE 802.3, reflected.
constexpr std::array<uint32_t, 256> crc_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xedb88320U ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}();

// The word before the next space, which is taken away with it.
std::string_view take_word(std::string_view &text) {
  const size_t space = text.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(space + 1);
  return word;
}

template <typename Number>
std::optional<Number> number(std::string_view text, int base) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The frame whose mark `text` begins behind, and what is left of the line.
std::optional<std::pair<Frame, std::string_view>> parse_frame(std::string_view text) {
  const std::string_view name = take_word(text);
  const auto length = number<size_t>(take_word(text), 10);
  const auto crc = number<uint32_t>(take_word(text), 16);
  if (!length || !crc || text.size() < *length || crc32(text.substr(0, *length)) != *crc) return std::nullopt;
  for (const auto &[known, kind] : kinds)
    if (known == name) return std::pair{Frame{kind, std::string(text.substr(0, *length))}, text.substr(*length)};
  return std::nullopt;
}

}  // namespace

uint32_t crc32(std::string_view bytes) {
  uint32_t c = ~uint32_t{0};
  for (const char b : bytes) c = crc_table[(c ^ static_cast<unsigned char>(b)) & 255] ^ (c >> 8);
  return ~c;
}

std::string frame_line(Frame::Kind kind, std::string_view payload) {
  std::string_view name;
  for (const auto &[known, k] : kinds)
    if (k == kind) name = known;
  return fmt::format("{}{} {} {:08x} {}\n", mark, name, payload.size(), crc32(payload), payload);
}

std::string end_text(const JournalEnd &end) { return fmt::format("{} {}", end.status, end.results); }

std::optional<JournalEnd> parse_end(std::string_view text) {
  const auto status = number<int>(take_word(text), 10);
  const auto results = number<size_t>(text, 10);
  if (!status || !results) return std::nullopt;
  return JournalEnd{*status, *results};
}

void JournalReader::feed(std::string_view bytes) {
  for (size_t from = 0; from < bytes.size();) {
    const size_t end = bytes.find('\n', from);
    const std::string_view piece = bytes.substr(from, end == std::string_view::npos ? end : end - from);
    if (held_.size() + piece.size() > longest_line) {
      overlong_ = true;
      held_.clear();
    }
    if (!overlong_) held_ += piece;
    if (end == std::string_view::npos) return;
    from = end + 1;
    finish();
  }
}

void JournalReader::finish() {
  if (overlong_)
    receiver_.console("(a line without end)");
  else if (!held_.empty())
    line(held_);
  held_.clear();
  overlong_ = false;
}

// A line may hold several: where a broken frame lost its end, the next one follows it.
void JournalReader::line(std::string_view text) {
  while (!text.empty()) {
    const size_t at = text.find(mark);
    if (at == std::string_view::npos) break;
    auto parsed = parse_frame(text.substr(at + mark.size()));
    if (!parsed) {
      ++broken_;
      const size_t next = text.find(mark, at + 1);
      receiver_.console(text.substr(0, next));
      if (next == std::string_view::npos) return;
      text.remove_prefix(next);
      continue;
    }
    if (at > 0) receiver_.console(text.substr(0, at));
    receiver_.frame(std::move(parsed->first));
    text = parsed->second;
  }
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (!text.empty()) receiver_.console(text);
}

}  // namespace ipcvet
