#include "harness/model/attempt.h"

#include <cassert>

#include "harness/mechanism/descriptor/rules.h"

namespace ipcvet::model {

const Value &Attempt::arg(uint32_t i) const {
  static const Value none = Value::any();
  return i < op.args->size() ? (*op.args)[i] : none;
}

bool Attempt::is_word(uint32_t i, std::string_view word) const {
  const auto *name = arg(i).as<Value::Name>();
  return name && name->text == word;
}

int64_t Attempt::number(uint32_t i, int64_t otherwise) const {
  if (const auto *n = arg(i).as<Value::Int>()) return n->value;
  return is_word(i, "NULL") ? 0 : otherwise;
}

const std::string *Attempt::bytes(uint32_t i) const {
  const auto *b = arg(i).as<Value::Bytes>();
  return b ? &b->bytes.text() : nullptr;
}

int32_t Attempt::file(uint32_t i) {
  const uint32_t at = next_file_++;
  if (op.waiting || at < op.looked_up) return op.files[at];
  const int32_t f = file_of(process(), number(i, -1));
  op.files[at] = f;
  op.looked_up = at + 1;
  return f;
}

Attempt &Attempt::fills(uint32_t i, Value value) {
  outputs_.emplace_back(i, std::move(value));
  return *this;
}

void Attempt::finish(Prediction prediction) {
  prediction.outputs = std::move(outputs_);
  prediction.made = made;
  prediction.call = op.call;
  if (op.waiting)
    for (const int32_t f : op.files)
      if (f >= 0) release_file(world, setting, f);
  if (op.waiting && op.reserved >= 0) unreserve_descriptor(world, thread().process, op.reserved);
  out_.emplace_back(std::move(prediction), std::move(world));
}

void Attempt::returns(const Rule &rule, int64_t result) { returns(rule, Value::integer(result)); }

void Attempt::returns(const Rule &rule, Value result) {
  Prediction p;
  p.result = std::move(result);
  p.rule = &rule;
  finish(std::move(p));
}

void Attempt::fails(const Rule &rule, const char *error) {
  outputs_.clear();
  returns(rule, Value::error(error));
}

void Attempt::blocks(const Rule &rule) {
  if (!op.waiting)
    for (const int32_t f : op.files)
      if (f >= 0) ++world.files.edit(static_cast<size_t>(f)).references;
  op.waiting = true;
  edit_thread().blocked = op;
  Prediction p;
  p.kind = Prediction::Kind::blocks;
  p.rule = &rule;
  out_.push_back({std::move(p), std::move(world)});
}

void Attempt::ends(const Rule &rule) {
  Prediction p;
  p.kind = Prediction::Kind::ends;
  p.rule = &rule;
  out_.push_back({std::move(p), std::move(world)});
}

void Attempt::faults(const Rule &rule, const char *signal, SignalInfo info) {
  Prediction p;
  p.kind = Prediction::Kind::fault;
  p.result = Value::error(signal);
  p.fault = info;
  p.rule = &rule;
  finish(std::move(p));
}

void Attempt::unmodelled(std::string why) {
  Prediction p;
  p.kind = Prediction::Kind::unmodelled;
  p.reason = std::move(why);
  out_.push_back({std::move(p), std::move(world)});
}

}  // namespace ipcvet::model
