#include "harness/target/job.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace ipcvet {
namespace {

namespace fs = std::filesystem;

std::unexpected<std::string> failed(const std::string &what) {
  return std::unexpected(what + ": " + std::strerror(errno));
}

bool is_mount(const fs::path &path) {
  struct statx info{};
  return statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, 0, &info) == 0 &&
         (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

std::expected<void, std::string> write_texts(const std::vector<TextFile> &texts, const std::string &directory) {
  for (const TextFile &text : texts) {
    const fs::path path = fs::path(directory) / fs::path(text.path).relative_path();
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (auto written = write_file(path, text.text); !written) return written;
  }
  return {};
}

template <typename Header, typename Segment>
bool names_loader(std::ifstream &file) {
  Header header{};
  file.seekg(0);
  file.read(reinterpret_cast<char *>(&header), sizeof header);
  for (unsigned i = 0; file && i < header.e_phnum; ++i) {
    Segment segment{};
    file.seekg(static_cast<std::streamoff>(header.e_phoff + i * sizeof segment));
    file.read(reinterpret_cast<char *>(&segment), sizeof segment);
    if (file && segment.p_type == PT_INTERP) return true;
  }
  return false;
}

}  // namespace

std::expected<void, std::string> write_file(const std::string &path, const std::string &text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return failed("writing " + path);
  return {};
}

std::expected<void, std::string> place_file(const std::string &from, const std::string &to) {
  struct stat info{};
  if (stat(from.c_str(), &info) != 0) return failed(from);
  if ((info.st_mode & 0555) == 0555 && linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW) == 0)
    return {};
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return std::unexpected("copying " + from + ": " + error.message());
  if (chmod(to.c_str(), 0755) != 0) return failed(to);
  return {};
}

std::expected<std::string, std::string> make_job_directory() {
  const char *place = std::getenv("TMPDIR");
  std::string path = std::string(place && *place == '/' ? place : "/tmp") + "/ipcvet-target-XXXXXX";
  if (!mkdtemp(path.data())) return failed(path);
  chmod(path.c_str(), 0755);  // a sandbox may read it as somebody else
  return path;
}

std::expected<Job, std::string> lay_out(const JobParts &parts, const std::string &directory) {
  Job job{directory, parts.arguments, "", parts.jobs};
  if (!parts.program.empty())
    if (auto placed = place_file(parts.program, directory + "/ipcvet"); !placed) return std::unexpected(placed.error());
  if (!parts.actor.empty()) {
    if (auto placed = place_file(parts.actor, directory + "/actor"); !placed) return std::unexpected(placed.error());
    job.actor = "@/actor";
    job.arguments.insert(job.arguments.end(), {"--actor", job.actor});
  }
  if (!parts.cases.empty()) {
    if (auto written = write_texts(parts.cases, directory + "/cases"); !written)
      return std::unexpected(written.error());
    job.arguments.insert(job.arguments.end(), {"--cases", "@/cases"});
  }
  for (size_t i = 0; i < parts.files.size(); ++i) {
    const std::string path = fmt::format("files/{}/{}", i, fs::path(parts.files[i].path).filename().string());
    if (auto written = write_texts({{path, parts.files[i].text}}, directory); !written)
      return std::unexpected(written.error());
    job.arguments.push_back("@/" + path);
  }
  return job;
}

void remove_tree(const std::string &directory) {
  std::error_code error;
  const fs::path path(directory);
  const auto kind = fs::symlink_status(path, error).type();
  if (is_mount(path)) return;
  if (kind == fs::file_type::directory)
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
      remove_tree(it->path().string());
  fs::remove(path, error);
}

std::optional<bool> wants_loader(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  unsigned char ident[EI_NIDENT]{};
  file.read(reinterpret_cast<char *>(ident), sizeof ident);
  if (!file || std::memcmp(ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  return ident[EI_CLASS] == ELFCLASS64 ? names_loader<Elf64_Ehdr, Elf64_Phdr>(file)
                                       : names_loader<Elf32_Ehdr, Elf32_Phdr>(file);
}

std::expected<std::string, std::string> static_program(const std::string &asked) {
  if (!asked.empty()) {
    const auto dynamic = wants_loader(asked);
    if (!dynamic) return std::unexpected(asked + " is no program");
    if (*dynamic) return std::unexpected(asked + " is not static: build one with meson setup -Dstatic=true");
    return asked;
  }
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path beside = self.parent_path();
  for (const fs::path &path : {self, beside / "ipcvet-static", beside / "../../../build-static/ipcvet",
                               beside / "../lib/ipcvet/ipcvet-static"})
    if (const auto dynamic = wants_loader(path); dynamic && !*dynamic) return fs::weakly_canonical(path).string();
  return std::unexpected(
      "it needs a static ipcvet: build one with ci/static (meson setup -Dstatic=true), and name it with --program");
}

}  // namespace ipcvet
