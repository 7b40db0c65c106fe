#include "harness/target/launch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "harness/run/fd.h"
#include "harness/target/keeper.h"

namespace ipcvet {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  Fd read, write;
};

std::expected<Pipe, std::string> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::unexpected("pipe: " + std::string(std::strerror(errno)));
  Pipe pipe{Fd(ends[0]), Fd(ends[1])};
  // Beyond 3, where the child's descriptors are put.
  Fd high(fcntl(pipe.write.get(), F_DUPFD_CLOEXEC, 10));
  if (high) pipe.write = std::move(high);
  fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

// The command and its three streams, from its start to its end.
class Watch {
 public:
  Watch(std::array<Pipe, 3> pipes, const LaunchLimits &limits, const JournalReader::Receiver &receiver)
      : pipes_(std::move(pipes)), limits_(limits), readers_{{reader(receiver), reader(receiver), plain(receiver)}} {}

  std::expected<Ending, std::string> run(const Launch &launch, const std::string &directory) {
    auto pid = start_keeper(launch, directory, {pipes_[0].write.get(), pipes_[1].write.get(), pipes_[2].write.get()});
    for (Pipe &pipe : pipes_) pipe.write.reset();
    if (!pid) return std::unexpected(pid.error());
    while (!ended(*pid)) {
      look(std::chrono::milliseconds(100));
      if (const auto why = excess()) end(*pid, *why);
    }
    while (look(std::chrono::milliseconds(0))) {
    }
    for (JournalReader &r : readers_) r.finish();
    for (size_t i = 0; i < 2; ++i) ending_.broken += readers_[i].broken();
    ending_.seconds = since(start_);
    if (ending_.first == 0) ending_.first = ending_.seconds;
    return ending_;
  }

 private:
  static double since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

  JournalReader reader(const JournalReader::Receiver &receiver) {
    return JournalReader({[this, &receiver](Frame frame) {
                            last_ = Clock::now();
                            if (ending_.first == 0) ending_.first = since(start_);
                            finished_ = finished_ || frame.kind == Frame::Kind::end;
                            receiver.frame(std::move(frame));
                          },
                          receiver.console});
  }
  // Standard error carries no journal.
  static JournalReader plain(const JournalReader::Receiver &receiver) {
    return JournalReader({[](const Frame &) {}, receiver.console});
  }

  // Reads what there is, waiting for it at most so long; whether there was anything.
  bool look(std::chrono::milliseconds wait) {
    std::array<pollfd, 3> polled{};
    bool open = false;
    for (size_t i = 0; i < 3; ++i) {
      polled[i] = {pipes_[i].read.get(), POLLIN, 0};
      open = open || pipes_[i].read;
    }
    if (!open && wait.count() == 0) return false;
    if (poll(polled.data(), polled.size(), static_cast<int>(wait.count())) <= 0) return false;
    bool any = false;
    for (size_t i = 0; i < 3; ++i)
      if (polled[i].revents != 0) any = take(i) || any;
    return any;
  }

  bool take(size_t i) {
    static thread_local std::array<char, 65536> buffer;
    const ssize_t n = read(pipes_[i].read.get(), buffer.data(), buffer.size());
    if (n > 0) {
      bytes_ += static_cast<size_t>(n);
      readers_[i].feed({buffer.data(), static_cast<size_t>(n)});
      return true;
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) pipes_[i].read.reset();
    return false;
  }

  bool ended(pid_t pid) {
    const pid_t done = waitpid(pid, &ending_.status, WNOHANG);
    return done == pid || (done < 0 && errno == ECHILD);
  }

  std::optional<Ending::By> excess() const {
    if (limits_.stop && limits_.stop->load()) return Ending::By::stop;
    if (bytes_ > limits_.bytes) return Ending::By::flood;
    if (finished_ && since(last_) > limits_.leaving.count()) return Ending::By::itself;
    if (!finished_ && since(last_) > limits_.silence.count()) return Ending::By::silence;
    return std::nullopt;
  }

  // The keeper ends everything and then itself.
  void end(pid_t pid, Ending::By by) {
    if (!asked_) {
      ending_.by = by;
      kill(pid, SIGTERM);
      asked_ = Clock::now();
    } else if (since(*asked_) > limits_.leaving.count()) {
      kill(pid, SIGKILL);
    }
  }

  std::array<Pipe, 3> pipes_;  // journal, output, errors
  const LaunchLimits &limits_;
  std::array<JournalReader, 3> readers_;
  Clock::time_point start_ = Clock::now(), last_ = start_;
  std::optional<Clock::time_point> asked_{};
  size_t bytes_ = 0;
  bool finished_ = false;
  Ending ending_{};
};

}  // namespace

std::expected<Ending, std::string> run_launch(const Launch &launch, const std::string &directory,
                                              const LaunchLimits &limits, const JournalReader::Receiver &receiver) {
  std::array<Pipe, 3> pipes;
  for (Pipe &pipe : pipes) {
    auto made = make_pipe();
    if (!made) return std::unexpected(made.error());
    pipe = std::move(*made);
  }
  return Watch(std::move(pipes), limits, receiver).run(launch, directory);
}

}  // namespace ipcvet
