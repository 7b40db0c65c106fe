// Makes of any steps a valid Program.
#include <algorithm>
#include <map>

#include "fuzz/program/arguments.h"
#include "fuzz/program/menu.h"

namespace ipcvet::fuzz {
namespace {

using Renames = std::map<std::string, std::string, std::less<>>;

void rename(Value &value, const Renames &renames) {
  if (auto *name = value.as<Value::Name>()) {
    if (const auto at = renames.find(name->text); at != renames.end()) name->text = at->second;
  } else if (auto *list = value.as<Value::List>()) {
    for (Value &item : list->items) rename(item, renames);
  } else if (auto *record = value.as<Value::Record>()) {
    for (Field &field : record->fields) rename(field.value, renames);
  } else if (auto *both = value.as<Value::Binary>()) {
    for (Value &side : both->sides) rename(side, renames);
  }
}

bool mentions(const Value &value, const Renames &renames) {
  if (const auto *name = value.as<Value::Name>()) return renames.contains(name->text);
  const auto in = [&](const Value &part) { return mentions(part, renames); };
  if (const auto *list = value.as<Value::List>()) return std::any_of(list->items.begin(), list->items.end(), in);
  if (const auto *both = value.as<Value::Binary>()) return std::any_of(both->sides.begin(), both->sides.end(), in);
  const auto *record = value.as<Value::Record>();
  return record &&
         std::any_of(record->fields.begin(), record->fields.end(), [&](const Field &f) { return in(f.value); });
}

// Mends steps that are to stand behind those that are in the pool.
class Repair {
 public:
  explicit Repair(const Pool &pool) : pool_(pool) {}

  // The same for one that others may share: most stay as they are.
  bool mend(SharedStep &step) {
    if (stands(step)) return true;
    Step copy = *step;
    if (!mend(copy)) return false;
    step = SharedStep(std::move(copy));
    return true;
  }

  // True if the step, perhaps mended, can stand here.
  bool mend(Step &step) {
    step.trivia = {};
    step.pos = {};
    step.signal.clear();
    step.members.clear();
    if (step.actors.size() != 1) step.actors = {"P"};
    if (const auto at = renames_.find(step.actors[0]); at != renames_.end()) step.actors[0] = at->second;
    const PoolActor *actor = pool_.actor(step.actors[0]);
    if (!actor) actor = pool_.actor(step.actors[0] = "P");
    if (actor->gone) return false;
    return is_memory(step) ? mend_memory(step) : mend_call(step);
  }

 private:
  // True if mending would change nothing; else it is tried.
  bool stands(const SharedStep &step) {
    const About &about = step.about();
    if (!about.mended || renamed(*step)) return false;
    const PoolActor *actor = pool_.actor(step->actors[0]);
    if (!actor || actor->gone) return false;
    if (is_memory(*step)) return memory_fits(*step, pool_);
    const uint8_t settled = step.settled();
    for (uint32_t i = 0; i < step->call.args.size(); ++i)
      if ((settled >> i & 1) == 0 && !fits(step->call, *about.spec, i, step->actors[0], pool_)) return false;
    if (!about.makes) return step->outcome[0].value.as<Value::Any>() != nullptr;
    if (!is_program_name(about.binds, prefix_of(*about.makes)) || pool_.taken(about.binds)) return false;
    if (!renames_.empty()) renamed_no_more(about.binds);
    return true;
  }

  bool renamed(const Step &step) const {
    if (renames_.empty()) return false;
    const auto is = [&](const Value &v) { return mentions(v, renames_); };
    return renames_.contains(step.actors[0]) || renames_.contains(step.memory) ||
           std::any_of(step.call.args.begin(), step.call.args.end(), is);
  }

  // From here on the name means what is made here.
  void renamed_no_more(std::string_view name) {
    if (const auto at = renames_.find(name); at != renames_.end()) renames_.erase(at);
  }

  bool mend_memory(Step &step) {
    step.call = {};
    step.outcome.clear();
    if (const auto at = renames_.find(step.memory); at != renames_.end()) step.memory = at->second;
    return memory_fits(step, pool_);
  }

  bool mend_call(Step &step) {
    step.kind = Step::Kind::returns;
    step.memory.clear();
    step.offset = {};
    step.value = {};
    const CallSpec *spec = find_call(step.call.name);
    if (!spec || !on_a_menu(spec->name)) return false;
    if (!mend_arguments(step, *spec)) return false;
    mend_outcome(step, *spec);
    return spec->returns != Ret::ACTOR || step.outcome[0].value.as<Value::Name>();
  }

  // False if nothing fits, so that the call cannot be made here.
  bool mend_arguments(Step &step, const CallSpec &spec) {
    Call &call = step.call;
    call.pos = {};
    Random random(call.args.size() * 31 + pool_.resources().size());
    if (call.args.size() > spec.nargs) call.args.resize(spec.nargs);
    for (uint32_t i = 0; i < spec.nargs; ++i) {
      const bool may_lack = is_optional(spec.args[i].kind) && !needs_option(call);
      const bool ends = spec.args[i].kind == ArgKind::FDS_OUT;
      if (i == call.args.size()) {
        if (may_lack) return true;
        call.args.push_back(Value::any());
      }
      if (!ends && !renames_.empty()) rename(call.args[i], renames_);
      if (fits(call, spec, i, step.actors[0], pool_)) continue;
      if (may_lack) return call.args.resize(i), true;
      const Value written = call.args[i];
      if (!choose_fitting(step, spec, i, random)) return false;
      if (ends) follow(written, call.args[i]);
    }
    return true;
  }

  bool choose_fitting(Step &step, const CallSpec &spec, uint32_t i, Random &random) {
    Call &call = step.call;
    const Call so_far{call.name, {call.args.begin(), call.args.begin() + i}, {}};
    for (int tries = 0; tries < 8; ++tries) {
      call.args[i] = choose_argument(so_far, i, step.actors[0], pool_, random);
      if (fits(call, spec, i, step.actors[0], pool_)) return true;
    }
    return false;
  }

  // Later steps that mean the old names get the new ones.
  void follow(const Value &from, const Value &to) {
    const auto *old_names = from.as<Value::List>(), *new_names = to.as<Value::List>();
    if (!old_names || !new_names) return;
    for (size_t k = 0; k < old_names->items.size() && k < new_names->items.size(); ++k)
      if (const auto *old_name = old_names->items[k].as<Value::Name>())
        renames_[old_name->text] = new_names->items[k].as<Value::Name>()->text;
  }

  void mend_outcome(Step &step, const CallSpec &spec) {
    Alternative *only = step.outcome.size() == 1 ? &step.outcome[0] : nullptr;
    const auto *written = only ? only->value.as<Value::Name>() : nullptr;
    const std::vector<std::string> bound = written ? bound_names(step) : std::vector<std::string>{};
    const std::string before = bound.empty() ? "" : bound[0];
    std::string name;
    if (spec.returns == Ret::ACTOR) {
      name = pool_.fresh_actor();
    } else if (const auto kind = made_kind(step.call, spec)) {
      name = is_program_name(before, prefix_of(*kind)) && !pool_.taken(before) ? before : pool_.fresh(prefix_of(*kind));
    }
    if (before == name)
      renamed_no_more(before);
    else if (!before.empty() && !name.empty())
      renames_[before] = name;
    const bool stands = name.empty() ? only && only->value.as<Value::Any>() : written && written->text == name;
    if (stands && only->profile == Profile::any && spec.returns != Ret::NEVER)
      only->value.pos = {};
    else
      step = call_step(std::move(step.actors[0]), std::move(step.call), std::move(name));
  }

  const Pool &pool_;
  Renames renames_;
};

}  // namespace

bool mended(Step &step, const Pool &pool) { return Repair(pool).mend(step); }

Program repaired(Program program, size_t valid) {
  Pool pool;
  Repair repair(pool);
  size_t kept = 0;
  for (size_t i = 0; i < program.steps.size() && kept < most_steps; ++i) {
    SharedStep &step = program.steps[i];
    if (i >= valid && !repair.mend(step)) continue;
    pool.apply(step);
    if (kept != i) program.steps[kept] = std::move(step);
    ++kept;
  }
  program.steps.erase(program.steps.begin() + static_cast<std::ptrdiff_t>(kept), program.steps.end());
  return program;
}

}  // namespace ipcvet::fuzz
