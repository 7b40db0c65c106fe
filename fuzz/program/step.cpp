#include "fuzz/program/step.h"

#include <algorithm>

#include "fuzz/program/arguments.h"
#include "fuzz/program/menu.h"
#include "harness/model/inputs.h"

namespace ipcvet::fuzz {
namespace {

const CallSpec *memory_spec(bool store) {
  static const CallSpec *const specs[2] = {find_call("mem_load"), find_call("mem_store")};
  return specs[store];
}

std::string_view word_at(const Call &call, size_t i) {
  return i < call.args.size() ? word_of(call.args[i]) : std::string_view();
}

bool names_user(const Call &call) {
  const auto *record = call.args.size() > 2 ? call.args[2].as<Value::Record>() : nullptr;
  return record && std::any_of(record->fields.begin(), record->fields.end(),
                               [](const Field &f) { return f.name == "uid" || f.name == "gid"; });
}

bool wants_users(const Call &call) {
  const std::string &name = call.name;
  if (name.starts_with("setres") || name.ends_with("chown")) return true;
  return word_at(call, 1) == "IPC_SET" && names_user(call);
}

bool wants_ipc(const Call &call) {
  const std::string_view command = word_at(call, 1);
  return command.ends_with("_INFO") || command.starts_with("MSG_STAT") || command.starts_with("SHM_STAT");
}

bool names_object(const Value &v) {
  const auto *b = v.as<Value::Bytes>();
  return b && std::string_view(b->bytes).starts_with("/dev/shm");
}

bool changes_open_file(const Call &call) {
  return call.name == "fchmod" || call.name == "fchown" || call.name == "futimens";
}

bool leads_above(const Value &v) {
  const auto *b = v.as<Value::Bytes>();
  return b && std::string_view(b->bytes).starts_with("..");
}

// The name an expression like `m0+PAGE_SIZE` is about.
std::string_view first_name(const Value &v) {
  const auto *sum = v.as<Value::Binary>();
  return sum ? first_name(sum->sides[0]) : word_of(v);
}

About::Away away(const Call &call) {
  const std::string &name = call.name;
  if (call.args.empty()) return About::Away::nothing;
  if (name == "close" || name == "shmdt") return About::Away::closed;
  if (name == "munmap" || name == "mremap") return About::Away::unmapped;
  const bool controls = name == "msgctl" || name == "shmctl";
  return controls && word_at(call, 1) == "IPC_RMID" ? About::Away::removed : About::Away::nothing;
}

int64_t size_argument(const Call &call, const CallSpec &spec) {
  for (uint32_t i = 0; i < spec.nargs && i < call.args.size(); ++i)
    if (spec.args[i].kind == ArgKind::SIZE) return number_of(call.args[i]).value_or(0);
  return 0;
}

// As repaired() leaves steps, but for calls that end an actor or make one: those are looked at each time.
bool has_mended_form(const Step &step, const CallSpec *spec) {
  const bool plain = step.actors.size() == 1 && step.signal.empty() && step.members.empty() && step.pos == Pos{} &&
                     step.trivia == Trivia{};
  const size_t given = step.call.args.size();
  if (!plain || !spec) return false;
  if (is_memory(step)) return step.call.name.empty() && given == 0 && step.outcome.empty();
  if (step.kind != Step::Kind::returns || !step.memory.empty() || !step.offset.as<Value::Any>() ||
      !step.value.as<Value::Any>() || step.call.pos != Pos{})
    return false;
  if (!on_a_menu(*spec) || spec->returns == Ret::NEVER || spec->returns == Ret::ACTOR || given > spec->nargs)
    return false;
  if (given < spec->nargs && (!is_optional(spec->args[given].kind) || needs_option(step.call))) return false;
  return step.outcome.size() == 1 && step.outcome[0].profile == Profile::any;
}

// Those that nobody has to ask a pool for.
uint8_t settled_arguments(const Step &step, const CallSpec &spec) {
  uint8_t settled = 0;
  Pool nothing;
  for (uint32_t i = 0; i < step.call.args.size() && i < spec.nargs; ++i) {
    if (nothing.asked()) nothing = Pool();
    if (fits(step.call, spec, i, step.actors[0], nothing) && !nothing.asked()) settled |= static_cast<uint8_t>(1u << i);
  }
  return settled;
}

// Is the argument no more than its value to whoever encodes the call? A command also decides what others are.
bool may_be_number(const ArgSpec &arg) {
  switch (arg.kind) {
    case ArgKind::INT:
    case ArgKind::OPT_INT:
    case ArgKind::SIZE:
    case ArgKind::FD:
    case ArgKind::SIGNAL:
    case ArgKind::FLAGS:
    case ArgKind::OPT_FLAGS:
      return arg.domain != "ipc_cmd" && arg.domain != "ioctl" && arg.domain != "fcntl";
    default:
      return false;
  }
}

bool is_structured(const CallSpec &spec) {
  return std::any_of(spec.args, spec.args + spec.nargs, [](const ArgSpec &arg) {
    return arg.kind == ArgKind::POLL_INOUT || arg.kind == ArgKind::IOV_IN || arg.kind == ArgKind::IOV_OUT ||
           arg.kind == ArgKind::IMAGE || arg.kind == ArgKind::SPAWN || arg.kind == ArgKind::CHANNEL;
  });
}

KnownNumbers numbers_in(const Call &call, const CallSpec &spec) {
  KnownNumbers out;
  for (uint32_t i = 0; i < call.args.size() && i < spec.nargs; ++i)
    if (may_be_number(spec.args[i]))
      if (const auto number = number_of(call.args[i])) out.add(i, *number);
  return out;
}

About about(const Step &step) {
  const Call &call = step.call;
  About out{.spec = spec_of(step), .wants = wants_of(step)};
  out.mended = has_mended_form(step, out.spec);
  if (!out.spec) return out;
  const CallSpec &spec = *out.spec;
  out.inside = fits_one_process(spec);
  out.structured = is_structured(spec);
  out.makes = made_kind(call, spec);
  if (!step.outcome.empty()) out.binds = word_of(step.outcome[0].value);
  for (uint32_t i = 0; i < spec.nargs && i < call.args.size(); ++i) {
    const auto *ends = spec.args[i].kind == ArgKind::FDS_OUT ? call.args[i].as<Value::List>() : nullptr;
    if (!ends || ends->items.size() != 2) continue;
    out.ends[0] = word_of(ends->items[0]);
    out.ends[1] = word_of(ends->items[1]);
  }
  if (!call.args.empty()) out.first = first_name(call.args[0]);
  out.away = away(call);
  if (out.away == About::Away::unmapped && call.args.size() > 1) out.length = number_of(call.args[1]).value_or(0);
  if (out.makes) out.bytes = size_argument(call, spec);
  if (is_memory(step)) {
    const auto *data = step.value.as<Value::Bytes>();
    out.access = model::memory_call(step, data ? static_cast<int64_t>(data->bytes.size()) : 1);
  } else {
    out.numbers = numbers_in(call, spec);
  }
  return out;
}

}  // namespace

const CallSpec *spec_of(const Step &step) {
  return is_memory(step) ? memory_spec(step.kind == Step::Kind::store) : find_call(step.call.name);
}

Wants wants_of(const Step &step) {
  const Call &call = step.call;
  const auto any = [&call](auto holds) { return std::any_of(call.args.begin(), call.args.end(), holds); };
  return {.users = wants_users(call),
          .ipc = wants_ipc(call),
          .objects = any(names_object),
          .owner = word_at(call, 1) == "F_SETOWN",
          .null = changes_open_file(call),
          .above = any(leads_above)};
}

SharedStep::SharedStep(Step step) {
  const auto known = std::make_shared<Known>(std::move(step));
  known->about = fuzz::about(known->step);  // whose views are of the text where it stays
  known_ = known;
}

uint8_t SharedStep::settled() const {
  constexpr uint16_t worked_out = 1 << 15;
  uint16_t bits = known_->settled.load(std::memory_order_relaxed);
  if ((bits & worked_out) == 0) {
    bits = worked_out | settled_arguments(known_->step, *known_->about.spec);
    known_->settled.store(bits, std::memory_order_relaxed);
  }
  return static_cast<uint8_t>(bits);
}

}  // namespace ipcvet::fuzz
