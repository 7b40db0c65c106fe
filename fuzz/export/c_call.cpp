#include "fuzz/export/c_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/case/printer.h"

namespace ipcvet::fuzz {
namespace {

std::string_view word_of(const Value &v) {
  const auto *n = v.as<Value::Name>();
  return n ? std::string_view(n->text) : std::string_view();
}
bool is_address(const Value &v) {
  return !word_of(v).empty() || (v.as<Value::Binary>() && !word_of(v.as<Value::Binary>()->sides[0]).empty());
}

// The C member of a record's field, and what may stand in its place for a structure.
struct Structure {
  std::string_view record, type, prefix;
};
constexpr std::array<Structure, 3> structures = {
    {{"msqid_ds", "struct msqid_ds", "msg_"}, {"shmid_ds", "struct shmid_ds", "shm_"}, {"stat", "struct stat", "st_"}}};

std::string member(const Structure &s, const std::string &field) {
  if (s.record != "stat" && (field == "uid" || field == "gid" || field == "cuid" || field == "cgid" || field == "mode"))
    return std::string(s.prefix) + "perm." + field;
  if (field == "cbytes") return "__msg_cbytes";
  return std::string(s.prefix) + field;
}

class CallWriter {
 public:
  CallWriter(const Step &given, const Step *checks, int line, CNames &names)
      : given_(given), checks_(checks), line_(line), names_(names), spec_(*find_call(given.call.name)) {}

  std::expected<std::string, std::string> write() {
    for (uint32_t i = 0; i < given_.call.args.size() && i < spec_.nargs; ++i) argument(i);
    if (!error_.empty()) return std::unexpected(error_);
    std::string body =
        before_ + "  errno = 0;\n  const long r = (long)" + call() + ";\n  const int e = errno;\n  (void)e;\n";
    if (checks_) {
      outcome();
      body += after_outcome_ + (after_.empty() ? "" : "  if (r != -1) {\n" + after_ + "  }\n");
    }
    if (!error_.empty()) return std::unexpected(error_);
    return body;
  }

 private:
  void fail(std::string why) {
    if (error_.empty()) error_ = std::string(spec_.name) + ": " + std::move(why);
  }
  std::string number(const Value &v) {
    if (auto n = c_number(v, names_)) return *n;
    fail("`" + print(v) + "` has no C form yet");
    return "0";
  }
  // What the line expects in this place.
  const Value *expected(uint32_t i) const {
    if (!checks_ || i >= checks_->call.args.size()) return nullptr;
    const Value &v = checks_->call.args[i];
    return v.as<Value::Any>() || is_address(v) ? nullptr : &v;
  }
  std::string local(const char *stem, uint32_t i) const { return stem + std::to_string(i); }
  void check(const std::string &condition, const std::string &what, const std::string &shown = "") {
    after_ += fmt::format("    if (!({})) deviates({}, \"{}{}\"{});\n", condition, line_, what,
                          shown.empty() ? "" : ": %ld", shown.empty() ? "" : ", (long)(" + shown + ")");
  }
  // The argument that says how large argument i is.
  std::string size_of(uint32_t i) {
    for (uint32_t k = 0; k < spec_.nargs; ++k)
      if (spec_.args[k].name == spec_.args[i].domain && k < given_.call.args.size()) return number(given_.call.args[k]);
    return "0";
  }

  void argument(uint32_t i) {
    const Value &v = given_.call.args[i];
    switch (spec_.args[i].kind) {
      case ArgKind::PATH:
      case ArgKind::STRING:
      case ArgKind::POSIX_NAME:
        return text(i, v);
      case ArgKind::BYTES_IN:
        return input(i, v);
      case ArgKind::BYTES_OUT:
        return output(i, v);
      case ArgKind::FDS_OUT:
        return ends(i, v);
      case ArgKind::MSG_IN:
      case ArgKind::MSG_OUT:
        return spec_.args[i].kind == ArgKind::MSG_IN ? message_in(i, v) : message_out(i, v);
      case ArgKind::RECORD_OUT:
      case ArgKind::RECORD_INOUT:
      case ArgKind::RECORD_IN:
        return record(i, v);
      case ArgKind::WSTATUS_OUT:
        return wait_status(i, v);
      case ArgKind::IOV_IN:
      case ArgKind::IOV_OUT:
        return vectors(i, v, spec_.args[i].kind == ArgKind::IOV_IN);
      case ArgKind::POLL_INOUT:
        return polled(i, v);
      case ArgKind::INT_INOUT:
        return int_out(i, v);
      case ArgKind::OFFSET_INOUT:
        if (word_of(v) != "NULL") fail("an offset by pointer has no C form yet");
        return args_.push_back("NULL");
      case ArgKind::SIGSET_IN:
        return signals(i, v);
      case ArgKind::SIGSET_OUT:
        if (expected(i)) fail("the set it fills has no C form yet");
        before_ += fmt::format("  sigset_t {};\n", local("s", i));
        return args_.push_back("&" + local("s", i));
      case ArgKind::HANDLER:
        return args_.push_back(handler(v));
      case ArgKind::SPAWN:
        return;
      case ArgKind::FDSET_INOUT:
      case ArgKind::EPOLL_OUT:
      case ArgKind::IMAGE:
      case ArgKind::CHANNEL:
      case ArgKind::INT_OUT:
        return fail("has no C form yet");
      case ArgKind::ADDR:
        return args_.push_back("(void *)(" + number(v) + ")");
      default:
        return args_.push_back(spec_.args[i].name == "key" ? "key(" + number(v) + ")"
                               : "(int)" == cast(i)        ? "(int)(" + number(v) + ")"
                                                           : number(v));
    }
  }
  std::string cast(uint32_t i) const {
    const ArgKind k = spec_.args[i].kind;
    return k == ArgKind::FD || k == ArgKind::FLAGS || k == ArgKind::SIGNAL ? "(int)" : "";
  }

  void text(uint32_t i, const Value &v) {
    if (is_address(v)) return args_.push_back("(char *)(" + number(v) + ")");
    const auto bytes = c_bytes(v, names_);
    if (!bytes) return fail("its name has no C form yet");
    const bool posix = spec_.args[i].kind == ArgKind::POSIX_NAME;
    args_.push_back(fmt::format("{}({}, {})", posix ? "posix_name" : "text", bytes->at, bytes->length));
  }

  void input(uint32_t i, const Value &v) {
    if (const auto bytes = c_bytes(v, names_)) {
      const std::string size = i + 1 < given_.call.args.size() ? number(given_.call.args[i + 1]) : "0";
      return args_.push_back(fmt::format("copied({}, {}, limited({}))", bytes->at, bytes->length, size));
    }
    args_.push_back("(void *)(" + number(v) + ")");
  }

  void output(uint32_t i, const Value &v) {
    if (is_address(v)) return args_.push_back("(void *)(" + number(v) + ")");
    before_ += fmt::format("  char *{} = space((size_t)({}));\n", local("b", i), size_of(i));
    args_.push_back(local("b", i));
    if (const Value *want = expected(i)) same_bytes(*want, local("b", i), "r");
  }

  void same_bytes(const Value &want, const std::string &at, const std::string &length) {
    const auto bytes = c_bytes(want, names_);
    if (!bytes) return fail("what it reads has no C form yet");
    check(fmt::format("(size_t)({2}) <= {1} && memcmp({3}, {0}, (size_t)({2})) == 0", bytes->at, bytes->length, length,
                      at),
          "other bytes arrived");
  }

  void ends(uint32_t i, const Value &v) {
    const auto *list = v.as<Value::List>();
    if (!list || list->items.size() != 2) return args_.push_back("(int *)(" + number(v) + ")");
    before_ += fmt::format("  int {}[2] = {{-1, -1}};\n", local("f", i));
    args_.push_back(local("f", i));
    for (size_t k = 0; k < 2; ++k) {
      const auto name = word_of(list->items[k]);
      if (name.empty()) continue;
      after_ += fmt::format("    {} = {}[{}];\n", names_.of(std::string(name)), local("f", i), k);
      names_.bind(std::string(name));
    }
  }

  static const Value *field(const Value &v, std::string_view name) {
    const auto *record = v.as<Value::Record>();
    if (record)
      for (const Field &f : record->fields)
        if (f.name == name) return &f.value;
    return nullptr;
  }

  void message_in(uint32_t i, const Value &v) {
    if (is_address(v)) return args_.push_back("(void *)(" + number(v) + ")");
    const Value *type = field(v, "mtype"), *text = field(v, "mtext");
    const auto bytes = text ? c_bytes(*text, names_) : std::optional(CBytes{"\"\"", "0"});
    if (!bytes) return fail("its text has no C form yet");
    const std::string size = number(given_.call.args[i + 1]);
    args_.push_back(
        fmt::format("message({}, {}, {}, limited({}))", type ? number(*type) : "0L", bytes->at, bytes->length, size));
  }

  void message_out(uint32_t i, const Value &v) {
    if (is_address(v)) return args_.push_back("(void *)(" + number(v) + ")");
    const std::string b = local("b", i);
    before_ += fmt::format("  char *{} = space((size_t)limited({}) + sizeof(long));\n", b, size_of(i));
    args_.push_back(b);
    const Value *want = expected(i);
    if (!want) return;
    if (const Value *type = field(*want, "mtype"); type && !type->as<Value::Any>())
      check(fmt::format("*(long *)(void *){} == {}", b, number(*type)), "another type arrived",
            "*(long *)(void *)" + b);
    if (const Value *text = field(*want, "mtext"); text && !text->as<Value::Any>())
      same_bytes(*text, b + " + sizeof(long)", "r");
  }

  void record(uint32_t i, const Value &v) {
    const std::string_view domain = spec_.args[i].domain;
    if (word_of(v) == "NULL" || word_of(v) == "bad") return args_.push_back("(void *)(" + number(v) + ")");
    if (domain == "sigaction") return action(i, v);
    if (domain == "timespec") return time(i, v);
    if (domain == "siginfo" && !expected(i)) {
      before_ += fmt::format("  siginfo_t {0};\n  memset(&{0}, 0, sizeof {0});\n", local("i", i));
      return args_.push_back("&" + local("i", i));
    }
    const auto s =
        std::find_if(structures.begin(), structures.end(), [&](const Structure &x) { return x.record == domain; });
    if (s == structures.end()) return fail("a record " + std::string(domain) + " has no C form yet");
    const std::string at = local("s", i);
    before_ += fmt::format("  {} {};\n  memset(&{}, 0, sizeof {});\n", s->type, at, at, at);
    args_.push_back("&" + at);
    bool sets = false;
    for (const Value &a : given_.call.args) sets = sets || word_of(a) == "IPC_SET";
    if (sets) return set_fields(*s, v, at);
    if (const Value *want = expected(i)) check_fields(*s, *want, at);
  }
  void set_fields(const Structure &s, const Value &v, const std::string &at) {
    if (const auto *r = v.as<Value::Record>())
      for (const Field &f : r->fields)
        before_ += fmt::format("  {}.{} = (unsigned)({});\n", at, member(s, f.name), number(f.value));
  }
  void check_fields(const Structure &s, const Value &want, const std::string &at) {
    const auto *r = want.as<Value::Record>();
    if (!r) return fail("what it fills in has no C form yet");
    for (const Field &f : r->fields) {
      if (f.value.as<Value::Any>() || f.value.as<Value::Observe>()) continue;
      if (word_of(f.value) == "now" || f.name == "seq" || f.name == "key" ||
          (s.record == "stat" && (f.name == "type"))) {
        if (f.name == "type")
          check(fmt::format("((long){}.st_mode & S_IFMT) == {}", at, number(f.value)), "type is other");
        continue;
      }
      std::string actual = at + "." + member(s, f.name);
      if (f.name == "mode") actual = "(" + actual + " & 07777)";
      if (const auto *range = f.value.as<Value::Binary>(); range && range->op == Value::Op::range)
        check(fmt::format("(long){0} >= {1} && (long){0} <= {2}", actual, number(range->sides[0]),
                          number(range->sides[1])),
              f.name + " is other", actual);
      else if (!word_of(f.value).empty() && !find_constant(word_of(f.value)) &&
               !names_.bound(std::string(word_of(f.value))))
        bind_to(std::string(word_of(f.value)), actual);
      else
        check(fmt::format("(long){} == {}", actual, number(f.value)), f.name + " is other", actual);
    }
  }
  void bind_to(const std::string &name, const std::string &actual) {
    after_ += fmt::format("    {} = (long){};\n", names_.of(name), actual);
    names_.bind(name);
  }

  void time(uint32_t i, const Value &v) {
    const Value *sec = field(v, "sec"), *nsec = field(v, "nsec");
    before_ += fmt::format("  struct timespec {} = {{{}, {}}};\n", local("t", i), sec ? number(*sec) : "0",
                           nsec ? number(*nsec) : "0");
    args_.push_back("&" + local("t", i));
  }

  std::string handler(const Value &v) {
    const auto w = word_of(v);
    if (w == "count" || w == "log") return "on_count";
    if (w == "SIG_DFL" || w == "SIG_IGN") return std::string(w);
    fail("handler " + std::string(w) + " has no C form yet");
    return "SIG_DFL";
  }

  void action(uint32_t i, const Value &v) {
    const std::string at = local("a", i);
    before_ += fmt::format("  struct sigaction {0};\n  memset(&{0}, 0, sizeof {0});\n", at);
    args_.push_back("&" + at);
    if (spec_.args[i].kind == ArgKind::RECORD_OUT) {
      if (expected(i)) fail("the action before has no C form yet");
      return;
    }
    const auto *r = v.as<Value::Record>();
    if (!r) {
      args_.back() = "NULL";
      return;
    }
    for (const Field &f : r->fields) {
      if (f.name == "sa_handler") before_ += fmt::format("  {}.sa_handler = {};\n", at, handler(f.value));
      if (f.name == "sa_flags")
        before_ += fmt::format("  {}.sa_flags = (int)(({}) & ~SA_SIGINFO);\n", at, number(f.value));
      if (f.name == "sa_mask")
        if (const auto *l = f.value.as<Value::List>())
          for (const Value &s : l->items) before_ += fmt::format("  sigaddset(&{}.sa_mask, (int){});\n", at, number(s));
    }
  }

  void signals(uint32_t i, const Value &v) {
    const auto *l = v.as<Value::List>();
    if (!l) return args_.push_back("(sigset_t *)(" + number(v) + ")");
    before_ += fmt::format("  sigset_t {0};\n  sigemptyset(&{0});\n", local("s", i));
    for (const Value &s : l->items) before_ += fmt::format("  sigaddset(&{}, (int){});\n", local("s", i), number(s));
    args_.push_back("&" + local("s", i));
  }

  void wait_status(uint32_t i, const Value &v) {
    if (word_of(v) == "NULL" || word_of(v) == "bad") return args_.push_back("(int *)(" + number(v) + ")");
    const std::string at = local("w", i);
    before_ += fmt::format("  int {} = 0;\n", at);
    args_.push_back("&" + at);
    const Value *want = expected(i);
    const auto *r = want ? want->as<Value::Record>() : nullptr;
    for (const Field &f : r ? r->fields : std::vector<Field>{}) {
      const std::string n = number(f.value);
      if (f.name == "exited")
        check(fmt::format("WIFEXITED({0}) && WEXITSTATUS({0}) == {1}", at, n), "another status", at);
      else if (f.name == "killed")
        check(fmt::format("WIFSIGNALED({0}) && WTERMSIG({0}) == {1}", at, n), "another status", at);
      else if (f.name == "stopped")
        check(fmt::format("WIFSTOPPED({0}) && WSTOPSIG({0}) == {1}", at, n), "another status", at);
      else if (f.name == "continued")
        check(fmt::format("WIFCONTINUED({})", at), "another status", at);
      else if (f.name != "core")
        fail("field " + f.name + " has no C form yet");
    }
  }

  void vectors(uint32_t i, const Value &v, bool in) {
    const auto *l = v.as<Value::List>();
    if (!l) return args_.push_back("(struct iovec *)(" + number(v) + ")");
    const std::string at = local("v", i);
    before_ += fmt::format("  struct iovec {}[{}];\n", at, l->items.size() + 1);
    args_.push_back(at);
    if (!in && !l->items.empty()) after_ += "    long left = r;\n";
    for (size_t k = 0; k < l->items.size(); ++k) vector(i, k, l->items[k], at, in);
  }
  void vector(uint32_t i, size_t k, const Value &item, const std::string &at, bool in) {
    const Value *base = field(item, "base"), *len = field(item, "len");
    if (!base) base = &item;
    const auto bytes = c_bytes(*base, names_);
    const std::string length = len ? number(*len) : bytes ? bytes->length : "0";
    std::string pointer = fmt::format("space(limited({}))", length);
    if (is_address(*base))
      pointer = "(void *)(" + number(*base) + ")";
    else if (in && bytes)
      pointer = fmt::format("copied({}, {}, limited({}))", bytes->at, bytes->length, length);
    before_ += fmt::format("  {0}[{1}].iov_base = {2};\n  {0}[{1}].iov_len = (size_t)({3});\n", at, k, pointer, length);
    if (in) return;
    const Value *want = expected(i);
    const auto *wanted = want ? want->as<Value::List>() : nullptr;
    after_ += fmt::format(
        "    const long n{0} = left < (long){1}[{0}].iov_len ? left : (long){1}[{0}].iov_len;\n    left -= n{0};\n", k,
        at);
    if (!wanted || k >= wanted->items.size()) return;
    const Value *data = field(wanted->items[k], "base");
    if (!data) data = &wanted->items[k];
    if (!data->as<Value::Any>() && !is_address(*data))
      same_bytes(*data, fmt::format("(char *){}[{}].iov_base", at, k), fmt::format("n{}", k));
  }

  void polled(uint32_t i, const Value &v) {
    const auto *l = v.as<Value::List>();
    if (!l) return args_.push_back("(struct pollfd *)(" + number(v) + ")");
    const std::string at = local("p", i);
    before_ += fmt::format("  struct pollfd {0}[{1}];\n  memset({0}, 0, sizeof {0});\n", at, l->items.size() + 1);
    args_.push_back(at);
    const Value *want = expected(i);
    const auto *wanted = want ? want->as<Value::List>() : nullptr;
    for (size_t k = 0; k < l->items.size(); ++k) {
      const Value *fd = field(l->items[k], "fd"), *events = field(l->items[k], "events");
      before_ += fmt::format("  {0}[{1}].fd = (int)({2});\n  {0}[{1}].events = (short)({3});\n", at, k,
                             fd ? number(*fd) : "-1", events ? number(*events) : "0");
      const Value *revents = wanted && k < wanted->items.size() ? field(wanted->items[k], "revents") : nullptr;
      if (revents && !revents->as<Value::Any>())
        check(fmt::format("{}[{}].revents == {}", at, k, number(*revents)), "other events",
              fmt::format("{}[{}].revents", at, k));
    }
  }

  void int_out(uint32_t i, const Value &v) {
    const std::string at = local("n", i);
    if (is_address(v) && (word_of(v) == "NULL" || word_of(v) == "bad"))
      return args_.push_back("(void *)(" + number(v) + ")");
    const bool input = std::any_of(given_.call.args.begin(), given_.call.args.end(),
                                   [](const Value &a) { return word_of(a) == "FIONBIO" || word_of(a) == "FIOASYNC"; });
    before_ += fmt::format("  int {} = {};\n", at, input ? "(int)(" + number(v) + ")" : "0");
    args_.push_back("&" + at);
    const Value *want = checks_ && i < checks_->call.args.size() ? &checks_->call.args[i] : nullptr;
    if (!want || input || want->as<Value::Any>() || want->as<Value::Observe>()) return;
    if (const auto name = word_of(*want); !name.empty() && !find_constant(name) && !names_.bound(std::string(name)))
      return bind_to(std::string(name), at);
    check(fmt::format("{} == {}", at, number(*want)), "another number", at);
  }

  std::string call() {
    const std::string_view name = spec_.name;
    std::string all;
    for (const std::string &a : args_) all += (all.empty() ? "" : ", ") + a;
    if (name == "fork" || name == "thread" || name == "spawn") {
      const auto *child = checks_ && !checks_->outcome.empty() ? checks_->outcome[0].value.as<Value::Name>() : nullptr;
      if (!child) fail("has no name for its actor");
      const bool thread = name == "thread" || (name == "spawn" && word_of(given_.call.args[0]) == "thread");
      return fmt::format("make_{}({})", thread ? "thread" : "process", child ? names_.place(child->text) : 0);
    }
    if (name == "exit") return "(_exit((int)(" + all + ")), 0)";
    if (name == "thread_exit") return "syscall(SYS_exit, 0)";
    if (name == "gettid") return "syscall(SYS_gettid)";
    if (name == "tgkill") return "syscall(SYS_tgkill, " + all + ")";
    if (name == "counted") return "S->slot[me].handlers[" + all + "]";
    if (name == "vfork_exit") return "exit_after_vfork((int)(" + all + "))";
    constexpr std::array<std::string_view, 18> others = {
        "exec",       "join",       "prctl_subreaper", "threads",  "add",     "bump",
        "futex_wait", "futex_wake", "channel",         "sigqueue", "select",  "signal",
        "mincore",    "epoll_ctl",  "close_range",     "msginfo",  "shminfo", "shm_info"};
    if (std::find(others.begin(), others.end(), name) != others.end()) fail("has no C form yet");
    return std::string(name) + "(" + all + ")";
  }

  void outcome() {
    std::string condition, binds;
    for (const Alternative &a : checks_->outcome) {
      if (a.profile == Profile::posix) continue;
      const Value &v = a.value;
      std::string one;
      const std::string name(word_of(v));
      if (const auto *o = v.as<Value::Observe>()) {
        if (o->name.empty()) return;  // it does not return
        one = "1";
        binds += fmt::format("  {} = r;\n", names_.of(o->name));
        names_.bind(o->name);
      } else if (v.as<Value::Any>()) {
        one = "1";
      } else if (const auto *e = v.as<Value::Error>()) {
        one = fmt::format("(r == -1 && e == {})", e->name);
      } else if (const auto *b = v.as<Value::Binary>(); b && b->op == Value::Op::range) {
        one = fmt::format("(r >= {} && r <= {})", number(b->sides[0]), number(b->sides[1]));
      } else if (!name.empty() && !find_constant(name) && name != "NULL" &&
                 (spec_.returns == Ret::ACTOR || !names_.bound(name))) {
        one = "r != -1";
        binds += fmt::format("  if (r != -1) {} = r;\n", names_.of(name));
        names_.bind(name);
      } else if (name == "jumped") {
        fail("a handler that jumps has no C form yet");
      } else {
        one = fmt::format("r == {}", number(v));
      }
      condition += (condition.empty() ? "" : " || ") + one;
    }
    after_outcome_ = fmt::format(
        "  if (!({})) deviates({}, \"{} returned %ld%s%s\", r, r == -1 ? \", \" : \"\", r == -1 ? strerror(e) : "
        "\"\");\n{}",
        condition, line_, spec_.name, binds);
  }

  const Step &given_;
  const Step *checks_;
  int line_;
  CNames &names_;
  const CallSpec &spec_;
  std::string before_, after_, after_outcome_, error_;
  std::vector<std::string> args_;
};

}  // namespace

std::expected<std::string, std::string> c_call(const Step &given, const Step *checks, int line, CNames &names) {
  if (!find_call(given.call.name)) return std::unexpected("no call " + given.call.name);
  return CallWriter(given, checks, line, names).write();
}

}  // namespace ipcvet::fuzz
