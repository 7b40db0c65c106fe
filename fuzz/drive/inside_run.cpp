#include "fuzz/drive/inside_run.h"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "fuzz/drive/inside.h"
#include "fuzz/drive/story.h"
#include "fuzz/program/menu.h"
#include "fuzz/program/pool.h"
#include "fuzz/program/texts.h"
#include "harness/run/encode.h"

namespace ipcvet::fuzz {

namespace {

// AddressSanitizer's poll() looks at every entry it is told of, also where the kernel refuses their number or address.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer);
#else
constexpr bool sanitized = false;
#endif

constexpr int most_descriptors = 1024;
constexpr int high_descriptor = 1100;  // those from here on are not the Program's

int move_up(int fd) {
  const int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, high_descriptor);
  if (fd >= 0) close(fd);
  return moved;
}

void close_all(int first, int last) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, static_cast<unsigned>(first), static_cast<unsigned>(last), 0u) == 0) return;
#endif
  for (int fd = first; fd <= last; ++fd) close(fd);
}

// What calls have made that stays when their descriptors are closed.
class Leftovers {
 public:
  // The call in slot 0 has been made.
  void note(Area &area, const CallSpec &spec) {
    const wire_answer &reply = area.slot(0).reply;
    if (reply.error != 0 || (reply.flags & WIRE_FAULTED) != 0) return;
    if (spec.returns != Ret::ID && spec.returns != Ret::ADDR) return;
    const auto size = [&](size_t i) { return static_cast<size_t>(area.slot(0).call.args[i].num); };
    if (spec.name == "msgget") queues_.push_back(static_cast<int>(reply.result));
    if (spec.name == "shmget") segments_.push_back(static_cast<int>(reply.result));
    if (spec.name == "mmap") maps_.push_back({reply.result, size(1)});
    if (spec.name == "mremap") maps_.push_back({reply.result, size(2)});
    if (spec.name == "shmat") attached_.push_back(reply.result);
  }

  void take_away() const {
    for (const int64_t at : attached_) shmdt(reinterpret_cast<void *>(at));
    for (const auto &[at, size] : maps_) munmap(reinterpret_cast<void *>(at), size);
    for (const int id : queues_) msgctl(id, IPC_RMID, nullptr);
    for (const int id : segments_) shmctl(id, IPC_RMID, nullptr);
  }

 private:
  std::vector<int> queues_, segments_;
  std::vector<int64_t> attached_;
  std::vector<std::pair<int64_t, size_t>> maps_;
};

}  // namespace

class InsideRun {
 public:
  InsideRun(Inside &inside, const std::string &mechanism, bool tells, BareCalls *bare = nullptr)
      : in_(inside), mechanism_(mechanism), oracle_(inside.setting_, inside.world_), tells_(tells), bare_(bare) {}

  RunReport run(const Program &program) {
    report_.features.reserve(2 * program.steps.size());
    ++in_.area_.head().server.case_number;  // by which a layer of planted faults knows that this is another Program
    for (const SharedStep &step : program.steps) {
      if (report_.found) break;
      perform(step);
    }
    leftovers_.take_away();
    in_.tidy();
    return std::move(report_);
  }

 private:
  // Nothing here may fork, end, signal, look at all objects, or change who this process is. What would change /dev/null
  // or go above the directory is kept away by the model, which is asked before and knows neither.
  static bool wants_another_place(const Wants &w) { return w.users || w.ipc || w.objects || w.owner; }

  void perform(const SharedStep &shared) {
    const Step &step = *shared;
    const About &about = shared.about();
    const CallSpec *spec = about.spec;
    if (!about.inside || wants_another_place(about.wants)) return skip();
    const Call &call = shared.call();
    auto resolved = encode_call(in_.area_, 0, *spec, call, oracle_.names, about.numbers);
    if (!resolved || step.actors[0] != "P") return skip();
    model::Cow given(std::move(*resolved));
    if (!asks(shared, given)) return skip();
    const Forecast f = oracle_.forecast("P");
    if (!f.must_answer || f.may_end) {
      oracle_.take_back();
      return skip();
    }
    if (bare_) bare_->keep(in_.area_, *spec, call, oracle_.names);
    if (in_.kernel_) in_.kernel_->begin();
    inside_perform(sanitized && spec->name == "poll");
    if (in_.kernel_) in_.kernel_->end(report_.features);
    leftovers_.note(in_.area_, *spec);
    if (bare_) bare_->made(in_.area_, names_given(step, *spec));
    ++report_.performed;
    oracle_.features(spec->name, report_.features);
    judge(step, *spec, std::move(given.edit()));
  }

  // What the actor's functions are given is what the model is given, but for structures: those are read apart.
  bool asks(const SharedStep &step, const model::Cow<std::vector<Value>> &resolved) {
    const About &about = step.about();
    const bool apart = about.structured || resolved->size() > about.spec->nargs;
    return (apart ? oracle_.ask(*step) : oracle_.ask(*step, *about.spec, resolved)).has_value();
  }

  void skip() { ++report_.skipped; }

  void judge(const Step &step, const CallSpec &spec, std::vector<Value> resolved) {
    const wire_answer &reply = in_.area_.slot(0).reply;
    Seen &s = seen_.begin()->second;
    s.answered = true;
    s.faulted = (reply.flags & WIRE_FAULTED) != 0;
    s.result = decode_result(in_.area_, 0, spec);
    s.args = decode_args(in_.area_, 0, spec, std::move(resolved));
    if (reply.flags & WIRE_GUARD_BROKEN) s.result = Value::name("wrote-outside-the-buffer");
    const bool agreed = oracle_.agrees(seen_);
    if (tells_) story_.tell(step, oracle_, seen_, agreed);
    if (!agreed) {
      const std::string what = describe(step, oracle_, seen_);
      report_.found = Found{what, signature(step, oracle_, seen_), story_.as_case(mechanism_, "found", what, {})};
      return;
    }
    oracle_.choose();
    bind(step, spec, s);
  }

  void bind(const Step &step, const CallSpec &spec, const Seen &seen) {
    if (seen.faulted || seen.result.as<Value::Error>()) return;
    const auto *name = step.outcome.empty() ? nullptr : step.outcome[0].value.as<Value::Name>();
    if (name && seen.result.as<Value::Int>()) oracle_.names[name->text] = seen.result;
    for (size_t i = 0; i < spec.nargs && i < step.call.args.size() && i < seen.args.size(); ++i) {
      const auto *names = step.call.args[i].as<Value::List>(), *values = seen.args[i].as<Value::List>();
      if (spec.args[i].kind != ArgKind::FDS_OUT || !names || !values) continue;
      for (size_t k = 0; k < names->items.size() && k < values->items.size(); ++k)
        if (const auto *n = names->items[k].as<Value::Name>()) oracle_.names[n->text] = values->items[k];
    }
  }

  // The names its result and the ends it fills in get.
  static std::vector<std::string> names_given(const Step &step, const CallSpec &spec) {
    const auto *result = step.outcome.empty() ? nullptr : step.outcome[0].value.as<Value::Name>();
    std::vector<std::string> names{result ? result->text : ""};
    for (size_t i = 0; i < spec.nargs && i < step.call.args.size(); ++i) {
      const auto *ends = step.call.args[i].as<Value::List>();
      if (spec.args[i].kind != ArgKind::FDS_OUT || !ends) continue;
      for (const Value &end : ends->items) {
        const auto *name = end.as<Value::Name>();
        names.push_back(name ? name->text : "");
      }
    }
    return names;
  }

  Inside &in_;
  const std::string &mechanism_;
  Oracle oracle_;
  RunReport report_;
  Story story_;
  bool tells_;  // a story costs time: it is told when there is something to tell
  BareCalls *bare_;
  Leftovers leftovers_;
  AllSeen seen_{{"P", {}}};
};

std::expected<std::unique_ptr<Inside>, std::string> Inside::make(Place place) {
  Fd home(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool apart = inside_sandbox();
  if (!apart && place == Place::own)
    return std::unexpected(
        std::string("namespaces cannot be made here, so nothing is run in this process; "
                    "--mode actors can do without"));
  auto area = Area::make();
  if (!area) return std::unexpected(area.error());
  if (!inside_begin(area->fd())) return std::unexpected(std::string("the area could not be mapped"));
  auto inside = std::unique_ptr<Inside>(new Inside(std::move(*area)));
  if (!apart)
    if (const std::string problem = inside->go_apart(); !problem.empty()) return std::unexpected(problem);
  const rlimit room = {high_descriptor + 64, high_descriptor + 64};
  setrlimit(RLIMIT_NOFILE, &room);
  inside->work_ = move_up(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  inside->home_ = move_up(dup(home.get()));
  home.reset();  // what is open when begin() looks stays open
  if (inside->work_ < 0 || inside->home_ < 0)
    return std::unexpected(std::string("no descriptors beyond those of Programs"));
  if (place == Place::own)
    close_all(3, most_descriptors - 1);
  else if (fchdir(inside->home_) != 0)
    return std::unexpected(std::string("the working directory is lost"));
  inside->kernel_ = KernelCoverage::open();
  inside->begin();
  return inside;
}

// Without namespaces: a directory, keys and names that nobody else has.
std::string Inside::go_apart() {
  char directory[] = "/tmp/ipcvet-fuzz-XXXXXX";
  if (!mkdtemp(directory) || chdir(directory) != 0) return "no temporary directory can be made";
  static std::string made;
  made = directory;
  std::atexit([] { rmdir(made.c_str()); });
  wire_area &head = area_.head();
  head.key_salt = (static_cast<uint32_t>(getpid()) << 12 | 0x5a5) & 0x7fffffff;
  const std::string prefix = "ipcvet-" + std::to_string(getpid()) + "-";
  std::copy_n(prefix.c_str(), prefix.size() + 1, head.server.prefix);
  return "";
}

void Inside::begin() {
  signal(SIGPIPE, SIG_IGN);
  umask(022);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = most_descriptors;
  setrlimit(RLIMIT_NOFILE, &limit);
  setting_ = model::make_setting(Profile::linux_, area_constants(area_));
  setting_.start = {getpid(), getppid(), getuid(), getgid(), false, false};
  setting_.limits.open_files = most_descriptors;
  world_ = model::initial_world(setting_);
  kept_.assign(most_descriptors, false);
  model::Process &process = world_.processes.edit(0);
  process.actions.edit()[SIGPIPE].handler = model::Handler::ignore;
  uint32_t references = 0;
  for (int fd = 0; fd < most_descriptors; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) continue;
    const auto n = static_cast<size_t>(fd);
    kept_[n] = true;
    ++references;
    if (process.descriptors.size() <= n) process.descriptors.resize(n + 1);
    process.descriptors[n] = {0, false};
  }
  world_.files.edit(0).references = references;
}

namespace {

// Of what Programs may name: what they could make in their directory, and objects.
std::vector<std::string> plain_paths() {
  std::vector<std::string> out;
  for (const Text &path : paths)
    if (std::string plain = path.bytes(); plain.find('/') == plain.npos) out.push_back(std::move(plain));
  return out;
}

std::vector<std::string> object_names(const std::string &prefix) {
  std::vector<std::string> out;
  for (const Text &name : posix_names)
    if (const std::string plain = name.bytes(); plain.find('/', 1) == plain.npos && plain != "/")
      out.push_back("/" + prefix + plain.substr(plain.front() == '/'));
  return out;
}

}  // namespace

void Inside::tidy() {
  for (int first = 0; first < most_descriptors;) {
    int last = first;
    while (last < most_descriptors && kept_[static_cast<size_t>(last)] == kept_[static_cast<size_t>(first)]) ++last;
    if (!kept_[static_cast<size_t>(first)]) close_all(first, last - 1);
    first = last;
  }
  static const std::vector<std::string> made = plain_paths(), objects = object_names(area_.head().server.prefix);
  for (const std::string &path : made) unlinkat(work_, path.c_str(), 0);
  for (const std::string &name : objects) shm_unlink(name.c_str());
  area_.head().made = 0;
  umask(022);
}

bool Inside::enter() { return fchdir(work_) == 0 && fchmod(work_, 0777) == 0; }

RunReport Inside::run(const Program &program, const std::string &mechanism) {
  if (!enter()) return {.broken = "the working directory is lost"};
  RunReport report = InsideRun(*this, mechanism, false).run(program);
  if (report.found)
    if (RunReport again = InsideRun(*this, mechanism, true).run(program); again.found) report = std::move(again);
  if (fchdir(home_) != 0) report.broken = "the home directory is lost";
  return report;
}

std::vector<BareCall> Inside::bare(const Program &program, const std::string &mechanism) {
  BareCalls bare;
  if (!enter() || InsideRun(*this, mechanism, false, &bare).run(program).found || fchdir(home_) != 0) return {};
  return std::move(bare.calls);
}

size_t Inside::again(std::vector<BareCall> &calls) {
  if (!enter()) return calls.size();
  size_t otherwise = 0;
  Leftovers leftovers;
  for (size_t i = 0; i < calls.size(); ++i) {
    put_bare(area_, calls, i);
    inside_perform(sanitized && calls[i].spec->name == "poll");
    leftovers.note(area_, *calls[i].spec);
    otherwise += take_bare(area_, calls[i]) ? 0u : 1u;
  }
  leftovers.take_away();
  tidy();
  return fchdir(home_) == 0 ? otherwise : calls.size();
}

}  // namespace ipcvet::fuzz
