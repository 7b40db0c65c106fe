#include "fuzz/export/c_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "fuzz/export/c_call.h"
#include "harness/case/printer.h"

namespace ipcvet::fuzz {

extern const char *const c_prelude;

namespace {

const char *const helpers = R"(
static size_t limited(long n) { return n < 0 || n > (3L << 20) ? (size_t)(3L << 20) : (size_t)n; }
static void *joined(const char *a, size_t an, const char *b, size_t bn) {
  char *p = room(an + bn);
  memcpy(p, a, an);
  memcpy(p + an, b, bn);
  return p;
}
static char *text(const char *bytes, size_t n) { return copied(bytes, n, n + 1); }
static char *posix_name(const char *bytes, size_t n) {
  char *p = text(bytes, n);
  if (n < 2 || strchr(p + 1, '/') != NULL || n > 200) return p;
  char *own = room(n + 32);
  snprintf(own, n + 32, "/%d-%s", salt, p[0] == '/' ? p + 1 : p);
  return own;
}
static int key(long n) { return n == IPC_PRIVATE ? IPC_PRIVATE : (int)n ^ salt; }
static long exit_after_vfork(int status) {
  const pid_t child = vfork();
  if (child == 0) _exit(status);
  return child;
}
static void use_all(void) {
  (void)&limited, (void)&joined, (void)&text, (void)&posix_name, (void)&key, (void)&exit_after_vfork, (void)&use_all;
  (void)&space, (void)&repeated, (void)&message, (void)&on_count, (void)&accessed, (void)&make_process, (void)&make_thread;
  (void)&must_block, (void)&must_end, (void)&must_run_handlers, (void)bad;
}
)";

class ProgramWriter {
 public:
  explicit ProgramWriter(const Case &c) : case_(c) {}

  std::expected<std::string, std::string> write() {
    if (case_.stress) return std::unexpected("a stress part cannot be exported");
    flatten();
    name_actors();
    for (size_t i = 0; i < lines_.size() && error_.empty(); ++i) line(i);
    if (!error_.empty()) return std::unexpected(error_);
    return assembled();
  }

 private:
  // Members of `any order` one after the other: each is waited for.
  void flatten() {
    for (const Step &s : case_.steps) {
      if (s.kind != Step::Kind::any_order) lines_.push_back(&s);
      for (const Step &m : s.members) lines_.push_back(&m);
    }
  }

  void name_actors() {
    for (const Step *s : lines_)
      for (const std::string &a : s->actors) {
        names_.place(a);
        names_.bind(a);
      }
    for (const Step *s : lines_) {
      const CallSpec *spec = find_call(s->call.name);
      const auto *name =
          spec && spec->returns == Ret::ACTOR && !s->outcome.empty() ? s->outcome[0].value.as<Value::Name>() : nullptr;
      if (name) names_.place(name->text), names_.bind(name->text);
    }
    if (names_.size() > 16) fail(0, "more than 16 actors cannot be exported");
  }

  void fail(size_t i, const std::string &why) {
    if (error_.empty()) error_ = fmt::format("line {}: {}", lines_.empty() ? 0 : lines_[i]->pos.line, why);
  }

  int slot(const Step &s) { return names_.place(s.actors[0]); }

  // The line that completes a call of this actor.
  const Step *completion(size_t i, size_t &at) const {
    for (size_t k = i + 1; k < lines_.size(); ++k)
      if (lines_[k]->kind == Step::Kind::wakes && lines_[k]->actors[0] == lines_[i]->actors[0])
        return at = k, lines_[k];
    return nullptr;
  }

  void body(size_t i, std::expected<std::string, std::string> code) {
    if (!code) return fail(i, code.error());
    functions_ += fmt::format("\n/* {} */\nstatic void step_{}(void) {{\n{}}}\n", comment(print(*lines_[i])), i, *code);
    cases_ += fmt::format("    case {0}:\n      step_{0}();\n      break;\n", i);
  }
  static std::string comment(std::string text) {
    for (size_t at = 0; (at = text.find("*/", at)) != std::string::npos;) text.replace(at, 2, "* /");
    for (size_t at = 0; (at = text.find("/*", at)) != std::string::npos;) text.replace(at, 2, "/ *");
    return text;
  }

  void line(size_t i) {
    const Step &s = *lines_[i];
    if (s.actors.size() != 1) return fail(i, "`one of` cannot be exported");
    const int a = slot(s);
    switch (s.kind) {
      case Step::Kind::returns: {
        const bool never = s.outcome.size() == 1 && s.outcome[0].value.as<Value::Observe>() &&
                           s.outcome[0].value.as<Value::Observe>()->name.empty();
        body(i, c_call(s, &s, static_cast<int>(i), names_));
        director_ += fmt::format("  if (!settled({0})) return 0;\n  go({1}, {0});\n", i, a);
        if (!never) director_ += fmt::format("  if (!must_return({}, {})) return 0;\n", i, a);
        return;
      }
      case Step::Kind::blocks: {
        size_t at = i;
        const Step *checks = completion(i, at);
        body(i, c_call(s, checks, static_cast<int>(at), names_));
        director_ += fmt::format(
            "  if (!settled({0})) return 0;\n  go({1}, {0});\n  if (!must_block({0}, {1})) return 0;\n", i, a);
        return;
      }
      case Step::Kind::wakes:
        director_ += fmt::format("  if (!must_return({}, {})) return 0;\n", i, a);
        return;
      case Step::Kind::still:
        director_ += fmt::format("  if (!must_block({}, {})) return 0;\n", i, a);
        return;
      case Step::Kind::killed:
        director_ += fmt::format("  if (!must_end({}, {}, {}, -1)) return 0;\n", i, a, s.signal);
        return;
      case Step::Kind::exited:
        director_ += fmt::format("  if (!must_end({}, {}, 0, {})) return 0;\n", i, a,
                                 s.value.as<Value::Int>() ? std::to_string(s.value.as<Value::Int>()->value) : "-1");
        return;
      case Step::Kind::signal:
        return handler_line(i, s, a);
      case Step::Kind::store:
      case Step::Kind::expect:
        return memory_line(i, s, a);
      case Step::Kind::may_block:
        return fail(i, "`...?` cannot be exported");
      case Step::Kind::any_order:
        return;
    }
  }

  void handler_line(size_t i, const Step &s, int a) {
    if (i > 0 && (lines_[i - 1]->kind == Step::Kind::store || lines_[i - 1]->kind == Step::Kind::expect))
      return;  // checked there
    if (!s.value.as<Value::Any>()) return fail(i, "what a handler is told cannot be exported");
    director_ += fmt::format("  if (!must_run_handlers({}, {}, {}, {})) return 0;\n", i, a, s.signal,
                             ++runs_[s.actors[0] + s.signal]);
  }

  void memory_line(size_t i, const Step &s, int a) {
    const Step *next = i + 1 < lines_.size() ? lines_[i + 1] : nullptr;
    const bool faults = next && next->kind == Step::Kind::signal && next->actors == s.actors &&
                        (next->signal == "SIGSEGV" || next->signal == "SIGBUS");
    body(i, c_memory(s, static_cast<int>(i), faults ? next->signal : "", names_));
    director_ +=
        fmt::format("  if (!settled({0})) return 0;\n  go({1}, {0});\n  if (!must_return({0}, {1})) return 0;\n", i, a);
  }

  // Everything of the case that would stay.
  std::string tidying() {
    std::string out;
    for (const Step *s : lines_) {
      const CallSpec *spec = find_call(s->call.name);
      for (uint32_t i = 0; spec && i < spec->nargs && i < s->call.args.size(); ++i) {
        const auto *b = s->call.args[i].as<Value::Bytes>();
        if (!b) continue;
        const std::string literal = c_string(b->bytes), length = std::to_string(b->bytes.size());
        if (spec->args[i].kind == ArgKind::PATH && !b->bytes.empty() && b->bytes[0] != '/')
          out += fmt::format("  remove({});\n", literal);
        if (spec->args[i].kind == ArgKind::POSIX_NAME)
          out += fmt::format("  shm_unlink(posix_name({}, {}));\n", literal, length);
      }
      const auto *name = s->outcome.empty() ? nullptr : s->outcome[0].value.as<Value::Name>();
      if (name && s->call.name == "msgget")
        out += fmt::format("  if ({0} > 0 || S->line) msgctl((int){0}, IPC_RMID, NULL);\n", names_.of(name->text));
      if (name && s->call.name == "shmget")
        out += fmt::format("  if ({0} > 0 || S->line) shmctl((int){0}, IPC_RMID, NULL);\n", names_.of(name->text));
    }
    return out;
  }

  std::string assembled() {
    std::string texts;
    for (const Step *s : lines_) texts += "  " + c_string(print(*s)) + ",\n";
    return fmt::format("/* {}: {} */\n", comment(case_.instance_id()), comment(case_.brief)) + c_prelude + helpers +
           "\nstatic const char *const lines[] = {\n" + texts + "};\n" + functions_ +
           "\nstatic void perform(int step) {\n  switch (step) {\n" + cases_ + "  }\n}\n" +
           "\nstatic int direct(void) {\n  use_all();\n" + director_ + "  return settled(" +
           std::to_string(lines_.empty() ? 0 : lines_.size() - 1) + ");\n}\n" + "\nstatic void tidy(void) {\n" +
           tidying() + "  if (chdir(\"/\") == 0) rmdir(directory);\n}\n";
  }

  const Case &case_;
  std::vector<const Step *> lines_;
  CNames names_;
  std::map<std::string, int> runs_;
  std::string functions_, cases_, director_, error_;
};

}  // namespace

std::expected<std::string, std::string> c_program(const Case &instance) { return ProgramWriter(instance).write(); }

}  // namespace ipcvet::fuzz
