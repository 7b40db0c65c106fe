// The sequential mode for people: a process of its own makes Programs, runs them and learns of them, and is started
// anew if one of them ends or hangs it.
//
// The two talk through shared memory, and of most Programs there is little to say. Those that there is something to
// tell of are made here once more: the engine here knows the same corpus, and is told the place at which the other one
// made them. So no Program has to be packed for the way.
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

#include "fuzz/drive/inside_run.h"
#include "fuzz/drive/memory.h"
#include "fuzz/drive/runner.h"
#include "harness/case/parser.h"
#include "harness/case/printer.h"
#include "harness/model/rule.h"
#include "harness/run/fd.h"

namespace ipcvet::fuzz {
namespace {

constexpr size_t most_text = 1 << 18, most_features = 1024, most_rules = 4096, most_at_once = 64;
constexpr int limit_ms = 20000;  // of so many Programs: only a hung one reaches it

struct Shared {
  struct Told {
    uint32_t run, features;
    bool found;  // then it is the last
    uint64_t feature[most_features];
  };
  uint32_t wanted;  // Programs of the engine's; 0: the one in `program`
  uint32_t ran, told;
  Engine::Place before[most_at_once + 1];  // each Program, where the engine was
  Stint::Ran run[most_at_once];
  Told tell[most_at_once];
  bool rule[most_rules];  // reached, by its place among all: parent and child are the same program
  char what[8192], kind[1024], story[most_text];  // of what was found
  char problem[8192];
  uint32_t size;
  char program[most_text];
};

void put(char *to, size_t room, const std::string &text) {
  const size_t n = std::min(room - 1, text.size());
  std::memcpy(to, text.data(), n);
  to[n] = 0;
}

void tell(Shared &s, uint32_t run, const RunReport &report) {
  Shared::Told &told = s.tell[s.told];
  told.run = run;
  told.features = static_cast<uint32_t>(std::min(report.features.size(), most_features));
  std::copy_n(report.features.begin(), told.features, told.feature);
  told.found = report.found.has_value();
  if (told.found) {
    put(s.what, sizeof s.what, report.found->what);
    put(s.kind, sizeof s.kind, report.found->kind);
    put(s.story, sizeof s.story, print(report.found->story));
  }
  ++s.told;
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
  InsideRunner(Engine engine, std::string mechanism) : Runner(std::move(engine)), mechanism_(std::move(mechanism)) {}
  ~InsideRunner() override {
    end();
    if (shared_) munmap(shared_, sizeof *shared_);
  }

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

  Stint fuzz(size_t most) override {
    Shared &s = *shared_;
    s.before[0] = engine_.place();
    const bool heard = ask(static_cast<uint32_t>(std::min(most, most_at_once)));
    Stint stint = told(heard ? s.ran : std::min(s.ran, s.wanted - 1));
    if (heard) return stint;
    stint.told.push_back({.run = stint.ran.size(), .program = engine_.next()});
    stint.told.back().report = ended_or_hung(stint.told.back().program);
    stint.ran.emplace_back();
    stint.broken = start();
    return stint;
  }

  size_t at_once() const override { return most_at_once; }

  RunReport run(const Program &program) override {
    const std::string bytes = encode(program);
    shared_->size = bytes.size() > most_text ? 0 : static_cast<uint32_t>(bytes.size());
    std::memcpy(shared_->program, bytes.data(), shared_->size);
    if (ask(0)) return report_of(shared_->tell[0], shared_->run[0], program);
    RunReport report = ended_or_hung(program);
    report.broken = start();
    return report;
  }

  pid_t process() const override { return child_; }

 private:
  // False if the process ended or is silent; what it has told does not change from then on.
  bool ask(uint32_t wanted) {
    shared_->wanted = wanted;
    shared_->ran = shared_->told = 0;
    const char go = 1;
    const bool heard = send(ours_.get(), &go, 1, MSG_NOSIGNAL) == 1 && hears();
    if (!heard) end();
    hear_rules(*shared_);
    return heard;
  }

  // What was told of the first `ran` Programs. The engine is then where the other one was behind them.
  Stint told(size_t ran) {
    Stint stint;
    stint.ran.assign(shared_->run, shared_->run + ran);
    for (size_t i = 0; i < shared_->told && shared_->tell[i].run < ran; ++i) {
      const size_t run = shared_->tell[i].run;
      engine_.go_to(shared_->before[run]);
      Stint::Told told{.run = run, .program = engine_.next()};
      told.report = report_of(shared_->tell[i], stint.ran[run], told.program);
      told.fresh = engine_.learn(told.program, told.report.features);
      stint.told.push_back(std::move(told));
    }
    engine_.go_to(shared_->before[ran]);
    return stint;
  }

  RunReport report_of(const Shared::Told &told, const Stint::Ran &ran, const Program &program) const {
    RunReport report{.performed = ran.performed, .skipped = ran.skipped};
    report.features.assign(told.feature, told.feature + told.features);
    if (!told.found) return report;
    auto story = parse(shared_->story, "found.ipc");
    report.found = Found{shared_->what, shared_->kind, story ? *story : as_case(program, mechanism_ + "/found")};
    return report;
  }

  RunReport ended_or_hung(const Program &program) const {
    RunReport report;
    report.found = Found{"the program ended or hung the process that ran it", "ended or hung",
                         as_case(program, mechanism_ + "/found")};
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
    keep_memory();
    for (const int signo : {SIGINT, SIGTERM, SIGHUP}) signal(signo, SIG_IGN);
    constexpr int high = 1100;  // above what Programs can have
    const int talk = fcntl(socket, F_DUPFD_CLOEXEC, high);
    auto inside = talk < 0 ? std::unexpected(std::string("no descriptor")) : Inside::make(Inside::Place::own);
    if (!inside) put(shared_->problem, sizeof shared_->problem, inside.error());
    char word = inside ? 1 : 2;
    size_t told = 0;
    while (write(talk, &word, 1) == 1 && word == 1 && read(talk, &word, 1) == 1) {
      shared_->wanted == 0 ? run_given(**inside) : fuzz_here(**inside);
      tell_rules(*shared_, told);
    }
    _exit(0);
  }

  void run_given(Inside &inside) {
    const RunReport report = inside.run(decode_own({shared_->program, shared_->size}), mechanism_);
    shared_->run[0] = {report.performed, report.skipped};
    tell(*shared_, 0, report);
  }

  // The other one looks at what was found before more is run.
  void fuzz_here(Inside &inside) {
    Shared &s = *shared_;
    int64_t start = cpu_time();
    for (bool found = false; s.ran < s.wanted && !found;) {
      const Program program = engine_.next();
      RunReport report = inside.run(program, mechanism_);
      report.features.resize(std::min(report.features.size(), most_features));
      found = report.found.has_value();
      if (engine_.learn(program, report.features) || found) tell(s, s.ran, report);
      s.before[s.ran + 1] = engine_.place();
      const int64_t now = cpu_time();
      s.run[s.ran] = {report.performed, report.skipped, now - start};
      start = now;
      __atomic_store_n(&s.ran, s.ran + 1, __ATOMIC_RELEASE);
    }
  }

  std::string mechanism_;
  Shared *shared_ = nullptr;
  Fd ours_;
  pid_t child_ = -1;
};

}  // namespace

std::expected<std::unique_ptr<Runner>, std::string> make_inside_runner(const CampaignOptions &options, uint64_t seed) {
  auto runner = std::make_unique<InsideRunner>(make_engine(options, seed), options.mechanism);
  if (std::string problem = runner->start(); !problem.empty()) return std::unexpected(problem);
  return runner;
}

}  // namespace ipcvet::fuzz
