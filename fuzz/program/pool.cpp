#include "fuzz/program/pool.h"

#include <algorithm>

#include "harness/judge/resolve.h"

namespace ipcvet::fuzz {
namespace {

constexpr std::string_view actor_names[most_actors] = {"P", "A", "B", "C"};

}  // namespace

std::optional<int64_t> number_of(const Value &value) {
  if (const auto *i = value.as<Value::Int>()) return i->value;
  if (const auto name = word_of(value); !name.empty()) {
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
  if (name == "fcntl" && call.args.size() == 3 && word_of(call.args[1]).starts_with("F_DUPFD")) return Kind::either_end;
  if (spec.returns != Ret::FD) return std::nullopt;
  if (name != "open" && name != "openat") return Kind::either_end;
  const size_t at = name == "open" ? 1 : 2;
  const auto flags = at < call.args.size() ? number_of(call.args[at]).value_or(0) : 0;
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

namespace {

// The one that is called so.
template <typename Named>
const Named *find(const std::vector<Named> &all, std::string_view name) {
  const uint64_t wanted = packed(name);
  for (const Named &one : all)
    if (one.packed_name == wanted && (wanted != 0 || one.name == name)) return &one;
  return nullptr;
}

}  // namespace

Pool::Pool() { actors_.push_back({.name = std::string(actor_names[0])}); }

const PoolActor *Pool::actor(std::string_view name) const { return find(actors(), name); }
const Resource *Pool::resource(std::string_view name) const { return find(resources(), name); }

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

void Pool::add(const SharedStep &step, std::string_view name, Kind kind, int64_t bytes) {
  const bool everywhere = kind == Kind::queue || kind == Kind::segment;
  const uint32_t made_in = everywhere ? ~0u : 1u << process_of(step->actors[0]);
  resources_.push_back({.name = std::string(name), .kind = kind, .bytes = bytes, .made_in = made_in});
}

void Pool::birth(const SharedStep &step) {
  const About &about = step.about();
  if (about.binds.empty() || actor(about.binds)) return;
  const bool thread = about.spec->name == "thread" || (about.spec->name == "spawn" && !step->call.args.empty() &&
                                                       word_of(step->call.args[0]) == "thread");
  const uint32_t parent = process_of(step->actors[0]);
  const uint32_t process = thread ? parent : processes_++;
  actors_.push_back({.name = std::string(about.binds), .process = process, .thread = thread});
  if (thread) return;
  for (Resource &r : resources_) {  // a child has what its parent has
    if (r.made_in >> parent & 1) r.made_in |= 1u << process;
    if (r.gone_in >> parent & 1) r.gone_in |= 1u << process;
  }
}

void Pool::opened(const SharedStep &step) {
  const About &about = step.about();
  if (!about.ends[0].empty()) add(step, about.ends[0], Kind::read_end);
  if (!about.ends[1].empty()) add(step, about.ends[1], Kind::write_end);
  if (!about.makes || about.binds.empty()) return;
  Kind k = *about.makes;
  if (k == Kind::either_end)  // a duplicate is what its original is
    if (const Resource *of = resource(about.first); of && is_descriptor(of->kind)) k = of->kind;
  int64_t bytes = about.bytes;
  if (about.spec->name == "shmat")
    if (const Resource *segment = resource(about.first)) bytes = segment->bytes;
  add(step, about.binds, k, bytes);
}

// Does unmapping or moving leave a part of the mapping where it is?
bool Pool::leaves_some(const SharedStep &step) const {
  const About &about = step.about();
  const Resource *m = resource(about.first);
  return m && (step->call.args[0].as<Value::Binary>() || (about.length >= 0 && about.length < m->bytes));
}

void Pool::removed(const SharedStep &step) {
  const About &about = step.about();
  if (about.away == About::Away::nothing) return;
  if (about.away == About::Away::unmapped && leaves_some(step)) return;
  const uint32_t where = about.away == About::Away::removed ? ~0u : 1u << process_of(step->actors[0]);
  const uint64_t what = packed(about.first);
  for (Resource &r : resources_)
    if (r.packed_name == what && r.name == about.first) r.gone_in |= where;
}

void Pool::apply(const SharedStep &step) {
  const CallSpec *spec = step.about().spec;
  if (!spec || step->actors.empty()) return;
  removed(step);
  if (spec->returns == Ret::ACTOR) return birth(step);
  opened(step);
  if (spec->returns != Ret::NEVER) return;
  for (PoolActor &a : actors_)
    if (a.name == step->actors[0] || (spec->name == "exit" && a.process == process_of(step->actors[0]))) a.gone = true;
}

}  // namespace ipcvet::fuzz
