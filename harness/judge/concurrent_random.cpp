#include "harness/judge/concurrent_random.h"

#include <cassert>

#include "harness/judge/describe.h"

namespace ipcvet {
namespace {

using Operation = ModelSpecification::Operation;
using Result = ModelSpecification::Result;

constexpr int64_t first_id = 100;

Operation operation(const char *call, std::vector<Value> args) {
  std::string written = std::string(call) + "(";
  for (size_t i = 0; i < args.size(); ++i) written += (i ? ", " : "") + show(args[i]);
  return {{find_call(call), std::move(args)}, written + ")"};
}

// The world after a call that has one outcome; what it makes gets the number `made`.
model::World after(const model::World &world, const Operation &op, int64_t made, const model::Setting &setting) {
  auto nexts = model::step(world, 0, op.call, setting);
  assert(nexts.size() == 1);
  model::World next = std::move(nexts[0].world);
  if (nexts[0].prediction.made != model::nobody) next.bind(next.threads[nexts[0].prediction.made].tid, made);
  return next;
}

// What would have been recorded of a return that is as predicted.
Result as_seen(const Operation &op, const Result &predicted) {
  Result seen;
  seen.was_seen = true;
  seen.seen.kind = Event::Kind::returned;
  seen.seen.name = std::string(op.call.spec->name);
  seen.seen.args = op.call.args;
  seen.seen.result = predicted.predicted.result;
  for (const auto &[i, value] : predicted.predicted.outputs) seen.seen.args[i] = value;
  return seen;
}

}  // namespace

PipeRuns::PipeRuns(uint32_t actors, uint32_t n) : pipes(n), specification{setting, {}} {
  setting = model::make_setting(Profile::linux_, {});
  setting.start = {first_id, 1, 0, 0};
  start = model::initial_world(setting);
  for (uint32_t i = 0; i < pipes; ++i) start = after(start, operation("pipe", {Value::any()}), 0, setting);
  for (uint32_t a = 1; a < actors; ++a) start = after(start, operation("fork", {}), first_id + a, setting);
  for (uint32_t a = 0; a < actors; ++a) specification.ids.push_back(first_id + a);
  specification.ids.push_back(model::first_token);
  specification.start = &start;
}

linear::History<Operation, Result> PipeRuns::run(linear::RunShape shape, std::mt19937 &random) const {
  constexpr int64_t sizes[] = {1, 100, 4096, 5000, 20000};
  const auto make = [&](uint32_t actor, uint32_t calls) {
    const auto fd = static_cast<int64_t>(3 + 2 * (random() % pipes));
    const int64_t size = sizes[random() % 5];
    const bool writes = actor % 2 == 0 ? random() % 8 != 0 : random() % 8 == 0;
    const auto letter = static_cast<char>('a' + calls % 26);
    if (!writes) return operation("read", {Value::integer(fd), Value::any(), Value::integer(size * 2)});
    return operation("write", {Value::integer(fd + 1), Value::bytes(std::string(static_cast<size_t>(size), letter)),
                               Value::integer(size)});
  };
  const auto seen = [](uint32_t, const Operation &op, const Result &predicted, model::World &) {
    return as_seen(op, predicted);
  };
  linear::SpecificationRun run(specification, start, shape, make, seen, random);
  auto history = run.run();
  for (uint32_t a = 0; a < shape.actors; ++a) history.actors.push_back(std::string(1, static_cast<char>('A' + a)));
  history.actors.emplace_back("the system");
  return history;
}

}  // namespace ipcvet
