// The sequential mode for people: Programs run inside a process of their own, which is started anew if one of them ends
// or hangs it. The two talk through shared memory.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "fuzz/drive/inside_run.h"
#include "fuzz/drive/runner.h"
#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/model/rule.h"
#include "harness/run/fd.h"

namespace ipcvet::fuzz {
namespace {

constexpr size_t most_text = 1 << 18, most_features = 1024, most_rules = 4096;
constexpr int limit_ms = 20000;  // of one Program: only a hung one reaches it

struct Shared {
  uint32_t size, performed, skipped, features, found;
  uint64_t feature[most_features];
  bool rule[most_rules];  // reached, by its place among all: parent and child are the same program
  char program[most_text], what[8192], kind[1024], story[most_text];
};

void put(char *to, size_t room, const std::string &text) {
  const size_t n = std::min(room - 1, text.size());
  std::memcpy(to, text.data(), n);
  to[n] = 0;
}

void answer(Shared &s, const RunReport &report) {
  s.performed = report.performed;
  s.skipped = report.skipped;
  s.features = static_cast<uint32_t>(std::min(report.features.size(), most_features));
  std::copy_n(report.features.begin(), s.features, s.feature);
  const auto rules = model::rules();
  for (size_t i = 0; i < std::min(rules.size(), most_rules); ++i) s.rule[i] = rules[i]->reached;
  s.found = report.found ? 1 : 0;
  if (!report.found) return;
  put(s.what, sizeof s.what, report.found->what);
  put(s.kind, sizeof s.kind, report.found->kind);
  put(s.story, sizeof s.story, print(report.found->story));
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
    return hears() ? "" : shared_->what;
  }

  RunReport run(const Program &program) override {
    const std::string bytes = encode(program);
    RunReport report;
    if (bytes.size() > most_text) return report;
    std::memcpy(shared_->program, bytes.data(), bytes.size());
    shared_->size = static_cast<uint32_t>(bytes.size());
    const char go = 1;
    if (write(ours_.get(), &go, 1) != 1 || !hears()) {
      report.found = Found{"the program ended or hung the process that ran it", "ended or hung",
                           as_case(program, mechanism_ + "/found")};
      end();
      report.broken = start();
      return report;
    }
    report.performed = shared_->performed;
    report.skipped = shared_->skipped;
    report.features.assign(shared_->feature, shared_->feature + shared_->features);
    const auto rules = model::rules();
    for (size_t i = 0; i < std::min(rules.size(), most_rules); ++i)
      if (shared_->rule[i]) rules[i]->reach();
    if (shared_->found) {
      auto story = parse(shared_->story, "found.ipc");
      report.found = Found{shared_->what, shared_->kind, story ? *story : as_case(program, mechanism_ + "/found")};
    }
    return report;
  }

  pid_t process() const override { return child_; }

 private:
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
    if (!inside) put(shared_->what, sizeof shared_->what, inside.error());
    char word = inside ? 1 : 2;
    while (write(talk, &word, 1) == 1 && word == 1 && read(talk, &word, 1) == 1) {
      const auto *bytes = reinterpret_cast<const uint8_t *>(shared_->program);
      answer(*shared_, (*inside)->run(decode_own({bytes, shared_->size}), mechanism_));
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
