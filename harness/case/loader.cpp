#include "harness/case/loader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "harness/case/embedded.h"
#include "harness/case/parser.h"

namespace ipcvet {
namespace {

constexpr size_t largest_catalogue_file = 4 << 20;
constexpr std::string_view probes_folder = "needs";

Diagnostic unreadable(const std::string &path, const std::string &why) { return {path, {}, 1, why, {}}; }

bool is_requirements(std::string_view path) { return path.find("requirements/") != std::string_view::npos; }

void sort_out(Texts &texts, std::string path, std::string text) {
  if (path.ends_with(".ipc"))
    texts.cases.push_back({std::move(path), std::move(text)});
  else if (path.ends_with(".toml") && is_requirements(path))
    texts.requirements.push_back({std::move(path), std::move(text)});
}

// The paths of the case and catalogue files below a directory, sorted.
std::expected<std::vector<std::string>, std::error_code> paths_below(const std::string &directory) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::recursive_directory_iterator walk(directory, error), end;
  while (!error && walk != end) {
    std::string path = walk->path().string();
    std::error_code ignored;
    bool wanted = path.ends_with(".ipc") || (path.ends_with(".toml") && is_requirements(path));
    if (wanted && !walk->is_directory(ignored)) paths.push_back(std::move(path));
    walk.increment(error);
  }
  if (error) return std::unexpected(error);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

std::expected<std::string, Diagnostic> read_text(const std::string &path, size_t limit) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(unreadable(path, std::strerror(errno)));
  std::string text;
  std::array<char, 16384> piece;
  ssize_t got = 1;
  while (got != 0 && text.size() <= limit) {
    got = read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    text.append(piece.data(), static_cast<size_t>(got));
  }
  int error = errno;
  close(fd);
  if (got < 0) return std::unexpected(unreadable(path, std::strerror(error)));
  if (text.size() > limit)
    return std::unexpected(unreadable(path, "the file is larger than " + std::to_string(limit >> 20) + " MiB"));
  return text;
}

Texts read_texts(const std::string &directory) {
  Texts texts;
  auto paths = paths_below(directory);
  if (!paths) {
    texts.errors.push_back(unreadable(directory, paths.error().message()));
    return texts;
  }
  for (std::string &path : *paths) {
    auto text = read_text(path, path.ends_with(".ipc") ? largest_case : largest_catalogue_file);
    if (text)
      sort_out(texts, std::move(path), std::move(*text));
    else
      texts.errors.push_back(std::move(text.error()));
  }
  return texts;
}

Texts embedded_case_texts() {
  Texts texts;
  for (const EmbeddedText &file : embedded_texts()) sort_out(texts, std::string(file.path), std::string(file.text));
  return texts;
}

Cases parse_cases(const Texts &texts) {
  Cases loaded;
  loaded.errors = texts.errors;
  for (const TextFile &file : texts.cases) {
    auto c = parse(file.text, file.path);
    if (!c)
      loaded.errors.insert(loaded.errors.end(), c.error().begin(), c.error().end());
    else
      (mechanism_of(*c) == probes_folder ? loaded.probes : loaded.cases).push_back(std::move(*c));
  }
  auto by_id = [](const Case &a, const Case &b) { return a.id != b.id ? a.id < b.id : a.file < b.file; };
  std::sort(loaded.cases.begin(), loaded.cases.end(), by_id);
  std::sort(loaded.probes.begin(), loaded.probes.end(), by_id);
  return loaded;
}

Cases load_cases(const std::string &directory) { return parse_cases(read_texts(directory)); }
Cases embedded_cases() { return parse_cases(embedded_case_texts()); }

std::string_view mechanism_of(const Case &c) { return std::string_view(c.id).substr(0, c.id.find('/')); }

std::string_view capability_of(const Case &probe) {
  std::string_view id = probe.id;
  return id.starts_with("needs/") ? id.substr(6) : std::string_view{};
}

}  // namespace ipcvet
