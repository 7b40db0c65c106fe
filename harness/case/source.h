// The text of a file with its lines, and errors that point into it.
//
// An error carries the line it is about, so that it can be shown long after the text is gone, and the same form
// serves case files, the catalogue and the linter:
//
//     pipe/eof.ipc:6:9: error: unknown call 'raed'; did you mean 'read'?
//       P  raed(r, _, 16) = 0
//          ^~~~
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case/value.h"

namespace ipcvet {

struct Diagnostic {
  std::string file;
  Pos pos{};            // line 0: the file as a whole
  uint32_t length = 1;  // bytes that are meant, for underlining
  std::string message;
  std::string line{};  // the line's text
  bool operator==(const Diagnostic &) const = default;
};

// `file:line:col: error: message`, and the line with a caret under the place if it is known. Ends with a newline.
std::string render(const Diagnostic &error);
std::string render(const std::vector<Diagnostic> &errors);

// Does not own the text: it must outlive the Source.
class Source {
 public:
  Source(std::string name, std::string_view text);

  const std::string &name() const { return name_; }
  uint32_t lines() const { return static_cast<uint32_t>(lines_.size()); }
  // Counted from 1, without the newline.
  std::string_view line(uint32_t number) const;

  Diagnostic error(Pos pos, std::string message, uint32_t length = 1) const;

 private:
  std::string name_;
  std::vector<std::string_view> lines_;
};

}  // namespace ipcvet
