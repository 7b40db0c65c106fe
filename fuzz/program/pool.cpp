#include "fuzz/program/pool.h"

#include <algorithm>

namespace ipcvet::fuzz {
namespace {

constexpr std::string_view actor_names[most_actors] = {"P", "A", "B", "C"};

std::string_view name_in(const Value &v) {
  const auto *name = v.as<Value::Name>();
  return name ? std::string_view(name->text) : std::string_view();
}

// The name an expression like `m0+PAGE_SIZE` is about.
std::string_view first_name(const Value &v) {
  const auto *sum = v.as<Value::Binary>();
  return sum ? first_name(sum->sides[0]) : name_in(v);
}

std::optional<int64_t> operated(Value::Op op, int64_t a, int64_t b) {
  int64_t out = 0;
  switch (op) {
    case Value::Op::add:
      return __builtin_add_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Value::Op::sub:
      return __builtin_sub_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Value::Op::mul:
      return __builtin_mul_overflow(a, b, &out) ? std::nullopt : std::optional(out);
    case Value::Op::bits:
      return a | b;
    case Value::Op::range:
      break;
  }
  return std::nullopt;
}

int64_t size_argument(const Step &step, const CallSpec &spec) {
  for (uint32_t i = 0; i < spec.nargs && i < step.call.args.size(); ++i)
    if (spec.args[i].kind == ArgKind::SIZE) return number_of(step.call.args[i]).value_or(0);
  return 0;
}

}  // namespace

std::optional<int64_t> number_of(const Value &value) {
  if (const auto *i = value.as<Value::Int>()) return i->value;
  if (const auto name = name_in(value); !name.empty()) {
    const Constant *c = find_constant(name);
    return c && c->known ? std::optional(c->value) : std::nullopt;
  }
  if (const auto *b = value.as<Value::Binary>()) {
    const auto left = number_of(b->sides[0]), right = number_of(b->sides[1]);
    if (left && right) return operated(b->op, *left, *right);
  }
  return std::nullopt;
}

std::optional<Kind> made_kind(const Call &call, const CallSpec &spec) {
  const std::string_view name = spec.name;
  if (name == "msgget") return Kind::queue;
  if (name == "shmget") return Kind::segment;
  if (spec.returns == Ret::ADDR) return Kind::mapping;
  if (name == "epoll_create1") return Kind::epoll;
  if (name == "shm_open" || name == "memfd_create") return Kind::file;
  if (name == "fcntl" && call.args.size() == 3 && name_in(call.args[1]).starts_with("F_DUPFD")) return Kind::either_end;
  if (spec.returns != Ret::FD) return std::nullopt;
  if (name != "open" && name != "openat") return Kind::either_end;
  const auto flags = number_of(call.args[name == "open" ? 1 : 2]).value_or(0);
  return (flags & 3) == 0 ? Kind::read_end : (flags & 3) == 1 ? Kind::write_end : Kind::either_end;
}

char prefix_of(Kind kind) {
  switch (kind) {
    case Kind::queue:
      return 'q';
    case Kind::segment:
      return 's';
    case Kind::mapping:
      return 'm';
    case Kind::read_end:
      return 'r';
    case Kind::write_end:
      return 'w';
    default:
      return 'd';
  }
}

bool is_program_name(std::string_view name, char prefix) {
  return name.size() >= 2 && name.size() <= 4 && name[0] == prefix && (name[1] != '0' || name.size() == 2) &&
         name.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

Pool::Pool() { actors_.push_back({std::string(actor_names[0])}); }

const PoolActor *Pool::actor(std::string_view name) const {
  const auto at = std::find_if(actors_.begin(), actors_.end(), [&](const PoolActor &a) { return a.name == name; });
  return at == actors_.end() ? nullptr : &*at;
}

const Resource *Pool::resource(std::string_view name) const {
  const auto at = std::find_if(resources_.begin(), resources_.end(), [&](const Resource &r) { return r.name == name; });
  return at == resources_.end() ? nullptr : &*at;
}

uint32_t Pool::process_of(std::string_view name) const {
  const PoolActor *a = actor(name);
  return a ? a->process : 0;
}

bool Pool::mapped(std::string_view actor, const Resource &mapping) const {
  const uint32_t bit = 1u << process_of(actor);
  return mapping.kind == Kind::mapping && (mapping.made_in & bit) && !(mapping.gone_in & bit);
}

std::string Pool::fresh(char prefix) const {
  for (size_t n = 0;; ++n)
    if (std::string name = prefix + std::to_string(n); !taken(name)) return name;
}

std::string Pool::fresh_actor() const {
  for (std::string_view name : actor_names)
    if (!actor(name)) return std::string(name);
  return "";
}

const PoolActor &Pool::some_actor(Random &random) const {
  std::vector<const PoolActor *> here;
  for (const PoolActor &a : actors_)
    if (!a.gone) here.push_back(&a);
  return here.empty() ? actors_[random.below(actors_.size())] : *here[random.below(here.size())];
}

void Pool::add(const Step &step, const std::string &name, Kind kind, int64_t bytes) {
  const bool everywhere = kind == Kind::queue || kind == Kind::segment;
  resources_.push_back({name, kind, bytes, everywhere ? ~0u : 1u << process_of(step.actors[0]), 0});
}

void Pool::birth(const Step &step, const CallSpec &spec) {
  const std::string name(name_in(step.outcome.empty() ? Value{} : step.outcome[0].value));
  if (name.empty() || actor(name)) return;
  const bool thread = spec.name == "thread" ||
                      (spec.name == "spawn" && !step.call.args.empty() && name_in(step.call.args[0]) == "thread");
  const uint32_t parent = process_of(step.actors[0]);
  const uint32_t process = thread ? parent : processes_++;
  actors_.push_back({name, process, thread});
  if (thread) return;
  for (Resource &r : resources_) {  // a child has what its parent has
    if (r.made_in >> parent & 1) r.made_in |= 1u << process;
    if (r.gone_in >> parent & 1) r.gone_in |= 1u << process;
  }
}

void Pool::opened(const Step &step, const CallSpec &spec) {
  for (uint32_t i = 0; i < spec.nargs && i < step.call.args.size(); ++i) {
    const auto *ends = step.call.args[i].as<Value::List>();
    if (spec.args[i].kind != ArgKind::FDS_OUT || !ends || ends->items.size() != 2) continue;
    add(step, std::string(name_in(ends->items[0])), Kind::read_end);
    add(step, std::string(name_in(ends->items[1])), Kind::write_end);
  }
  const auto kind = made_kind(step.call, spec);
  const std::string name(step.outcome.empty() ? std::string_view() : name_in(step.outcome[0].value));
  if (!kind || name.empty()) return;
  Kind k = *kind;
  if (k == Kind::either_end && !step.call.args.empty())  // a duplicate is what its original is
    if (const Resource *of = resource(name_in(step.call.args[0])); of && is_descriptor(of->kind)) k = of->kind;
  int64_t bytes = size_argument(step, spec);
  if (spec.name == "shmat")
    if (const Resource *segment = resource(name_in(step.call.args[0]))) bytes = segment->bytes;
  add(step, name, k, bytes);
}

// Does unmapping or moving leave a part of the mapping where it is?
bool Pool::leaves_some(const Step &step) const {
  const Resource *m = resource(first_name(step.call.args[0]));
  const int64_t length = step.call.args.size() > 1 ? number_of(step.call.args[1]).value_or(0) : 0;
  return m && (step.call.args[0].as<Value::Binary>() || (length >= 0 && length < m->bytes));
}

void Pool::removed(const Step &step) {
  const std::string &call = step.call.name;
  const bool unmaps = call == "munmap" || call == "shmdt" || call == "mremap";
  const bool removes = (call == "msgctl" || call == "shmctl") && name_in(step.call.args[1]) == "IPC_RMID";
  if ((call != "close" && !unmaps && !removes) || step.call.args.empty()) return;
  const std::string_view what = first_name(step.call.args[0]);
  const uint32_t where = removes ? ~0u : 1u << process_of(step.actors[0]);
  if ((call == "munmap" || call == "mremap") && leaves_some(step)) return;
  for (Resource &r : resources_)
    if (r.name == what) r.gone_in |= where;
}

void Pool::apply(const Step &step) {
  const CallSpec *spec = spec_of(step);
  if (!spec || step.actors.empty()) return;
  removed(step);
  if (spec->returns == Ret::ACTOR) return birth(step, *spec);
  opened(step, *spec);
  if (spec->returns != Ret::NEVER) return;
  for (PoolActor &a : actors_)
    if (a.name == step.actors[0] || (spec->name == "exit" && a.process == process_of(step.actors[0]))) a.gone = true;
}

}  // namespace ipcvet::fuzz
