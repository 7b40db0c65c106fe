// Fields of records that a call is given.
#pragma once

#include <string_view>

#include "harness/case/value.h"

namespace ipcvet::model {

// nullptr where it is no record, or has no such field.
inline const Value *field(const Value &record, std::string_view name) {
  if (const auto *r = record.as<Value::Record>())
    for (const Field &f : r->fields)
      if (f.name == name) return &f.value;
  return nullptr;
}

// 0 where there is no such number.
inline int64_t int_field(const Value &record, std::string_view name) {
  const Value *v = field(record, name);
  const auto *n = v ? v->as<Value::Int>() : nullptr;
  return n ? n->value : 0;
}

}  // namespace ipcvet::model
