#include "harness/judge/text_pool.h"

namespace ipcvet {

void TextPool::compact(History &history) {
  history.events.shrink_to_fit();
  for (Event &event : history.events) compact(event);
  for (StressLog &log : history.stress) {
    log.records.shrink_to_fit();
    for (Event &event : log.trouble) compact(event);
  }
}

void TextPool::compact(Event &event) {
  event.args.shrink_to_fit();
  for (Value &argument : event.args) compact(argument);
  compact(event.result);
}

void TextPool::compact(Value &value) {
  if (auto *bytes = value.as<Value::Bytes>()) {
    bytes->bytes = *texts_.insert(bytes->bytes).first;
  } else if (auto *list = value.as<Value::List>()) {
    list->items.shrink_to_fit();
    for (Value &item : list->items) compact(item);
  } else if (auto *record = value.as<Value::Record>()) {
    record->fields.shrink_to_fit();
    for (Field &field : record->fields) compact(field.value);
  }
}

}  // namespace ipcvet
