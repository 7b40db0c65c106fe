// Arguments that are structures or lists: what is put into them, and what is looked at afterwards.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fuzz/export/c_call_writer.h"

namespace ipcvet::fuzz {
namespace {

constexpr std::array<Structure, 3> structures = {
    {{"msqid_ds", "struct msqid_ds", "msg_"}, {"shmid_ds", "struct shmid_ds", "shm_"}, {"stat", "struct stat", "st_"}}};

std::string member(const Structure &s, const std::string &field) {
  if (s.record != "stat" && (field == "uid" || field == "gid" || field == "cuid" || field == "cgid" || field == "mode"))
    return std::string(s.prefix) + "perm." + field;
  if (field == "cbytes") return "__msg_cbytes";
  return std::string(s.prefix) + field;
}

}  // namespace

void CallWriter::record(uint32_t i, const Value &v) {
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

void CallWriter::set_fields(const Structure &s, const Value &v, const std::string &at) {
  if (const auto *r = v.as<Value::Record>())
    for (const Field &f : r->fields)
      before_ += fmt::format("  {}.{} = (unsigned)({});\n", at, member(s, f.name), number(f.value));
}

void CallWriter::check_fields(const Structure &s, const Value &want, const std::string &at) {
  const auto *r = want.as<Value::Record>();
  if (!r) return fail("what it fills in has no C form yet");
  for (const Field &f : r->fields) {
    if (f.value.as<Value::Any>() || f.value.as<Value::Observe>()) continue;
    if (word_of(f.value) == "now" || f.name == "seq" || f.name == "key" || (s.record == "stat" && (f.name == "type"))) {
      if (f.name == "type")
        check(fmt::format("((long){}.st_mode & S_IFMT) == {}", at, number(f.value)), "type is other");
      continue;
    }
    std::string actual = at + "." + member(s, f.name);
    if (f.name == "mode") actual = "(" + actual + " & 07777)";
    if (const auto *range = f.value.as<Value::Binary>(); range && range->op == Value::Op::range)
      check(
          fmt::format("(long){0} >= {1} && (long){0} <= {2}", actual, number(range->sides[0]), number(range->sides[1])),
          f.name + " is other", actual);
    else if (!word_of(f.value).empty() && !find_constant(word_of(f.value)) &&
             !names_.bound(std::string(word_of(f.value))))
      bind_to(std::string(word_of(f.value)), actual);
    else
      check(fmt::format("(long){} == {}", actual, number(f.value)), f.name + " is other", actual);
  }
}

void CallWriter::time(uint32_t i, const Value &v) {
  const Value *sec = field(v, "sec"), *nsec = field(v, "nsec");
  before_ += fmt::format("  struct timespec {} = {{{}, {}}};\n", local("t", i), sec ? number(*sec) : "0",
                         nsec ? number(*nsec) : "0");
  args_.push_back("&" + local("t", i));
}

std::string CallWriter::handler(const Value &v) {
  const auto w = word_of(v);
  if (w == "count" || w == "log") return "on_count";
  if (w == "SIG_DFL" || w == "SIG_IGN") return std::string(w);
  fail("handler " + std::string(w) + " has no C form yet");
  return "SIG_DFL";
}

void CallWriter::action(uint32_t i, const Value &v) {
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

void CallWriter::signals(uint32_t i, const Value &v) {
  const auto *l = v.as<Value::List>();
  if (!l) return args_.push_back("(sigset_t *)(" + number(v) + ")");
  before_ += fmt::format("  sigset_t {0};\n  sigemptyset(&{0});\n", local("s", i));
  for (const Value &s : l->items) before_ += fmt::format("  sigaddset(&{}, (int){});\n", local("s", i), number(s));
  args_.push_back("&" + local("s", i));
}

void CallWriter::wait_status(uint32_t i, const Value &v) {
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

void CallWriter::vectors(uint32_t i, const Value &v, bool in) {
  const auto *l = v.as<Value::List>();
  if (!l) return args_.push_back("(struct iovec *)(" + number(v) + ")");
  const std::string at = local("v", i);
  before_ += fmt::format("  struct iovec {}[{}];\n", at, l->items.size() + 1);
  args_.push_back(at);
  if (!in && !l->items.empty()) after_ += "    long left = r;\n";
  for (size_t k = 0; k < l->items.size(); ++k) vector(i, k, l->items[k], at, in);
}

void CallWriter::vector(uint32_t i, size_t k, const Value &item, const std::string &at, bool in) {
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

void CallWriter::polled(uint32_t i, const Value &v) {
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

void CallWriter::int_out(uint32_t i, const Value &v) {
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

}  // namespace ipcvet::fuzz
