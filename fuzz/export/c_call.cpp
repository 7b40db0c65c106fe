#include "fuzz/export/c_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fuzz/export/c_call_writer.h"
#include "harness/case/printer.h"

namespace ipcvet::fuzz {

void CallWriter::fail(std::string why) {
  if (error_.empty()) error_ = std::string(spec_.name) + ": " + std::move(why);
}

std::string CallWriter::number(const Value &v) {
  if (auto n = c_number(v, names_)) return *n;
  fail("`" + print(v) + "` has no C form yet");
  return "0";
}

const Value *CallWriter::expected(uint32_t i) const {
  if (!checks_ || i >= checks_->call.args.size()) return nullptr;
  const Value &v = checks_->call.args[i];
  return v.as<Value::Any>() || is_address(v) ? nullptr : &v;
}

void CallWriter::check(const std::string &condition, const std::string &what, const std::string &shown) {
  after_ += fmt::format("    if (!({})) deviates({}, \"{}{}\"{});\n", condition, line_, what,
                        shown.empty() ? "" : ": %ld", shown.empty() ? "" : ", (long)(" + shown + ")");
}

std::string CallWriter::size_of(uint32_t i) {
  for (uint32_t k = 0; k < spec_.nargs; ++k)
    if (spec_.args[k].name == spec_.args[i].domain && k < given_.call.args.size()) return number(given_.call.args[k]);
  return "0";
}

void CallWriter::argument(uint32_t i) {
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

std::string CallWriter::cast(uint32_t i) const {
  const ArgKind k = spec_.args[i].kind;
  return k == ArgKind::FD || k == ArgKind::FLAGS || k == ArgKind::SIGNAL ? "(int)" : "";
}

void CallWriter::text(uint32_t i, const Value &v) {
  if (is_address(v)) return args_.push_back("(char *)(" + number(v) + ")");
  const auto bytes = c_bytes(v, names_);
  if (!bytes) return fail("its name has no C form yet");
  const bool posix = spec_.args[i].kind == ArgKind::POSIX_NAME;
  args_.push_back(fmt::format("{}({}, {})", posix ? "posix_name" : "text", bytes->at, bytes->length));
}

void CallWriter::input(uint32_t i, const Value &v) {
  if (const auto bytes = c_bytes(v, names_)) {
    const std::string size = i + 1 < given_.call.args.size() ? number(given_.call.args[i + 1]) : "0";
    return args_.push_back(fmt::format("copied({}, {}, limited({}))", bytes->at, bytes->length, size));
  }
  args_.push_back("(void *)(" + number(v) + ")");
}

void CallWriter::output(uint32_t i, const Value &v) {
  if (is_address(v)) return args_.push_back("(void *)(" + number(v) + ")");
  before_ += fmt::format("  char *{} = space((size_t)({}));\n", local("b", i), size_of(i));
  args_.push_back(local("b", i));
  if (const Value *want = expected(i)) same_bytes(*want, local("b", i), "r");
}

void CallWriter::same_bytes(const Value &want, const std::string &at, const std::string &length) {
  const auto bytes = c_bytes(want, names_);
  if (!bytes) return fail("what it reads has no C form yet");
  check(
      fmt::format("(size_t)({2}) <= {1} && memcmp({3}, {0}, (size_t)({2})) == 0", bytes->at, bytes->length, length, at),
      "other bytes arrived");
}

void CallWriter::ends(uint32_t i, const Value &v) {
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

const Value *CallWriter::field(const Value &v, std::string_view name) {
  const auto *record = v.as<Value::Record>();
  if (record)
    for (const Field &f : record->fields)
      if (f.name == name) return &f.value;
  return nullptr;
}

void CallWriter::message_in(uint32_t i, const Value &v) {
  if (is_address(v)) return args_.push_back("(void *)(" + number(v) + ")");
  const Value *type = field(v, "mtype"), *text = field(v, "mtext");
  const auto bytes = text ? c_bytes(*text, names_) : std::optional(CBytes{"\"\"", "0"});
  if (!bytes) return fail("its text has no C form yet");
  const std::string size = number(given_.call.args[i + 1]);
  args_.push_back(
      fmt::format("message({}, {}, {}, limited({}))", type ? number(*type) : "0L", bytes->at, bytes->length, size));
}

void CallWriter::message_out(uint32_t i, const Value &v) {
  if (is_address(v)) return args_.push_back("(void *)(" + number(v) + ")");
  const std::string b = local("b", i);
  before_ += fmt::format("  char *{} = space((size_t)limited({}) + sizeof(long));\n", b, size_of(i));
  args_.push_back(b);
  const Value *want = expected(i);
  if (!want) return;
  if (const Value *type = field(*want, "mtype"); type && !type->as<Value::Any>())
    check(fmt::format("*(long *)(void *){} == {}", b, number(*type)), "another type arrived", "*(long *)(void *)" + b);
  if (const Value *text = field(*want, "mtext"); text && !text->as<Value::Any>())
    same_bytes(*text, b + " + sizeof(long)", "r");
}

void CallWriter::bind_to(const std::string &name, const std::string &actual) {
  after_ += fmt::format("    {} = (long){};\n", names_.of(name), actual);
  names_.bind(name);
}

std::string CallWriter::call() {
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
  constexpr std::array<std::string_view, 21> others = {
      "exec",        "join",    "prctl_subreaper", "threads",  "add",     "bump",        "futex_wait",
      "futex_wake",  "channel", "sigqueue",        "select",   "signal",  "mincore",     "epoll_ctl",
      "close_range", "msginfo", "shminfo",         "shm_info", "pselect", "sigaltstack", "next_second"};
  if (std::find(others.begin(), others.end(), name) != others.end()) fail("has no C form yet");
  return std::string(name) + "(" + all + ")";
}

void CallWriter::outcome() {
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

std::expected<std::string, std::string> c_call(const Step &given, const Step *checks, int line, CNames &names) {
  if (!find_call(given.call.name)) return std::unexpected("no call " + given.call.name);
  return CallWriter(given, checks, line, names).write();
}

}  // namespace ipcvet::fuzz
