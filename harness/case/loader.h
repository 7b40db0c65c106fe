// Gets the cases: from a directory, from files, or from the program itself.
//
// The rim of the language: the only part of harness/case that reads files. Texts are kept beside the trees, because
// errors that are found later (by lint) show the line they are about.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "harness/case/case.h"
#include "harness/case/source.h"

namespace ipcvet {

struct TextFile {
  std::string path;  // as errors call it
  std::string text;
};

struct Texts {
  std::vector<TextFile> cases;         // *.ipc, sorted by path
  std::vector<TextFile> requirements;  // requirements/*.toml
  std::vector<Diagnostic> errors;      // what could not be read
};

// All of a directory, recursively; or those the program was built with.
Texts read_texts(const std::string &directory);
Texts embedded_case_texts();

// At most `limit` bytes of a file; a larger one is refused without being read to its end.
std::expected<std::string, Diagnostic> read_text(const std::string &path, size_t limit);

struct Cases {
  std::vector<Case> cases;   // to list and to run, sorted by id
  std::vector<Case> probes;  // needs/NAME: a case that passes where the capability is there
  std::vector<Diagnostic> errors;
};

Cases load_cases(const std::string &directory);
Cases embedded_cases();
Cases parse_cases(const Texts &texts);

// "pipe" of "pipe/last-close"; "needs" for a probe.
std::string_view mechanism_of(const Case &c);
// "sysv-msg" of the probe "needs/sysv-msg".
std::string_view capability_of(const Case &probe);

}  // namespace ipcvet
