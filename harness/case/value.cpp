#include "harness/case/value.h"

namespace ipcvet {

bool Value::List::operator==(const List &other) const = default;
bool Value::Record::operator==(const Record &other) const = default;
bool Value::Binary::operator==(const Binary &other) const = default;

Value Value::list(std::vector<Value> items) { return {List{std::move(items)}, {}}; }
Value Value::record(std::vector<Field> fields) { return {Record{std::move(fields)}, {}}; }

}  // namespace ipcvet
