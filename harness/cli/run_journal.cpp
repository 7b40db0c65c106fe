#include "harness/cli/run_journal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ipcvet::cli {
namespace {

bool is_number(const std::string &text) {
  return !text.empty() && text.size() < 6 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A line discipline would echo, wait and rewrite; a serial line is only to carry bytes.
void make_raw(int fd) {
  termios settings{};
  if (tcgetattr(fd, &settings) != 0) return;
  cfmakeraw(&settings);
  tcsetattr(fd, TCSANOW, &settings);
}

}  // namespace

std::expected<JournalWriter, std::string> JournalWriter::open(const std::string &where) {
  Fd fd(is_number(where) ? std::stoi(where)
                         : ::open(where.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0644));
  if (!fd || fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0)
    return std::unexpected("the journal " + where + ": " + std::strerror(errno));
  if (isatty(fd.get()) != 0) make_raw(fd.get());
  return JournalWriter(std::move(fd));
}

void JournalWriter::write(Frame::Kind kind, const std::string &payload) {
  if (kind == Frame::Kind::result) ++results_;
  const std::string line = frame_line(kind, payload);
  for (size_t done = 0; done < line.size() && !failed_;) {
    const ssize_t n = ::write(fd_.get(), line.data() + done, line.size() - done);
    if (n > 0)
      done += static_cast<size_t>(n);
    else if (n == 0 || errno != EINTR)
      failed_ = true;
  }
}

void JournalWriter::end(int status) {
  write(Frame::Kind::end, end_text({status, results_}));
  if (isatty(fd_.get()) != 0) tcdrain(fd_.get());
}

}  // namespace ipcvet::cli
