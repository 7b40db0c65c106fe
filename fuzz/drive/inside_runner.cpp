// The sequential mode for people: Programs run inside a process of their own, which is started anew if one of them ends
// or hangs it. The two talk through shared memory, of several Programs at once: each process then finds what it works
// with still in the caches.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <ctime>
#include <span>

#include "fuzz/drive/inside_run.h"
#include "fuzz/drive/runner.h"
#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/model/rule.h"
#include "harness/run/fd.h"

namespace ipcvet::fuzz {
namespace {

constexpr size_t most_text = 1 << 18, most_features = 1024, most_rules = 4096, most_at_once = 32;
constexpr int limit_ms = 20000;  // of so many Programs: only a hung one reaches it

struct Shared {
  struct One {
    uint32_t size, performed, skipped, features, found;
    int64_t nanoseconds;
    uint64_t feature[most_features];
    char program[most_text], what[8192], kind[1024], story[most_text];
  };
  uint32_t programs, done;
  bool rule[most_rules];  // reached, by its place among all: parent and child are the same program
  char problem[8192];
  One one[most_at_once];
};

void put(char *to, size_t room, const std::string &text) {
  const size_t n = std::min(room - 1, text.size());
  std::memcpy(to, text.data(), n);
  to[n] = 0;
}

void answer(Shared::One &s, const RunReport &report) {
  s.performed = report.performed;
  s.skipped = report.skipped;
  s.features = static_cast<uint32_t>(std::min(report.features.size(), most_features));
  std::copy_n(report.features.begin(), s.features, s.feature);
  s.found = report.found ? 1 : 0;
  if (!report.found) return;
  put(s.what, sizeof s.what, report.found->what);
  put(s.kind, sizeof s.kind, report.found->kind);
  put(s.story, sizeof s.story, print(report.found->story));
}

// `told` is how many had been reached when it was last called: mostly nothing is new.
void tell_rules(Shared &s, size_t &told) {
  const size_t reached = model::reached_rules();
  if (reached == told) return;
  told = reached;
  const auto rules = model::rules();
  for (size_t i = 0; i < std::min(rules.size(), most_rules); ++i) s.rule[i] = rules[i]->reached;
}

void hear_rules(const Shared &s) {
  const auto rules = model::rules();
  for (size_t i = 0; i < std::min(rules.size(), most_rules); ++i)
    if (s.rule[i]) rules[i]->reach();
}

int64_t cpu_time() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

class InsideRunner : public Runner {
 public:
  explicit InsideRunner(std::string mechanism) : mechanism_(std::move(mechanism)) {}
  ~InsideRunner() override { end(); }

  std::string start() {
    void *p =
        shared_ ? shared_ : mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return "no shared memory";
    shared_ = static_cast<Shared *>(p);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return "no socket pair";
    ours_ = Fd(pair[0]);
    Fd theirs(pair[1]);
    const pid_t parent = getpid();
    child_ = fork();
    if (child_ < 0) return "no process can be made";
    if (child_ == 0) serve(theirs.get(), parent);
    theirs.reset();
    return hears() ? "" : shared_->problem;
  }

  RunReport run(const Program &program) override {
    std::vector<RunReport> reports = run_all({program});
    return std::move(reports[0]);
  }

  size_t at_once() const override { return most_at_once; }

  std::vector<RunReport> run_all(const std::vector<Program> &programs) override {
    std::vector<RunReport> reports;
    while (reports.size() < programs.size()) {
      const std::span<const Program> left = std::span(programs).subspan(reports.size());
      hand_over(left.first(std::min(left.size(), most_at_once)));
      const char go = 1;
      const bool heard = send(ours_.get(), &go, 1, MSG_NOSIGNAL) == 1 && hears();
      if (!heard) end();  // what it has told does not change from now on
      const uint32_t done = std::min(shared_->done, shared_->programs - (heard ? 0 : 1));
      for (uint32_t i = 0; i < done; ++i) reports.push_back(report_of(shared_->one[i], left[i]));
      hear_rules(*shared_);
      if (!heard) reports.push_back(ended_or_hung(left[done]));
      if (!reports.back().broken.empty()) break;
    }
    return reports;
  }

  pid_t process() const override { return child_; }

 private:
  void hand_over(std::span<const Program> programs) {
    shared_->programs = static_cast<uint32_t>(programs.size());
    shared_->done = 0;
    for (size_t i = 0; i < programs.size(); ++i) {
      const std::string bytes = encode(programs[i]);
      Shared::One &one = shared_->one[i];
      one.size = bytes.size() > most_text ? 0 : static_cast<uint32_t>(bytes.size());
      std::memcpy(one.program, bytes.data(), one.size);
    }
  }

  RunReport report_of(const Shared::One &one, const Program &program) const {
    RunReport report{.performed = one.performed, .skipped = one.skipped, .nanoseconds = one.nanoseconds};
    report.features.assign(one.feature, one.feature + one.features);
    if (!one.found) return report;
    auto story = parse(one.story, "found.ipc");
    report.found = Found{one.what, one.kind, story ? *story : as_case(program, mechanism_ + "/found")};
    return report;
  }

  RunReport ended_or_hung(const Program &program) {
    RunReport report;
    report.found = Found{"the program ended or hung the process that ran it", "ended or hung",
                         as_case(program, mechanism_ + "/found")};
    report.broken = start();
    return report;
  }

  // The child's next word; false if it ended or is silent.
  bool hears() const {
    pollfd p = {ours_.get(), POLLIN, 0};
    char word = 0;
    int ready = 0;
    while ((ready = poll(&p, 1, limit_ms)) < 0 && errno == EINTR) continue;
    return ready > 0 && read(ours_.get(), &word, 1) == 1 && word == 1;
  }

  void end() {
    ours_.reset();
    if (child_ > 0) {
      kill(child_, SIGKILL);
      while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) continue;
    }
    child_ = -1;
  }

  [[noreturn]] void serve(int socket, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    for (const int signo : {SIGINT, SIGTERM, SIGHUP}) signal(signo, SIG_IGN);
    constexpr int high = 1100;  // above what Programs can have
    const int talk = fcntl(socket, F_DUPFD_CLOEXEC, high);
    auto inside = talk < 0 ? std::unexpected(std::string("no descriptor")) : Inside::make(Inside::Place::own);
    if (!inside) put(shared_->problem, sizeof shared_->problem, inside.error());
    char word = inside ? 1 : 2;
    size_t told = 0;
    while (write(talk, &word, 1) == 1 && word == 1 && read(talk, &word, 1) == 1) {
      for (uint32_t i = 0; i < shared_->programs; ++i) {
        Shared::One &one = shared_->one[i];
        const int64_t start = cpu_time();
        answer(one, (*inside)->run(decode_own({one.program, one.size}), mechanism_));
        tell_rules(*shared_, told);
        one.nanoseconds = cpu_time() - start;
        __atomic_store_n(&shared_->done, i + 1, __ATOMIC_RELEASE);
      }
    }
    _exit(0);
  }

  std::string mechanism_;
  Shared *shared_ = nullptr;
  Fd ours_;
  pid_t child_ = -1;
};

}  // namespace

std::expected<std::unique_ptr<Runner>, std::string> make_inside_runner(const CampaignOptions &options) {
  auto runner = std::make_unique<InsideRunner>(options.mechanism);
  if (std::string problem = runner->start(); !problem.empty()) return std::unexpected(problem);
  return runner;
}

}  // namespace ipcvet::fuzz
