#include "harness/case/value.h"

namespace ipcvet {

bool Value::List::operator==(const List &other) const = default;
bool Value::Record::operator==(const Record &other) const = default;
bool Value::Binary::operator==(const Binary &other) const = default;

Value Value::any() { return {}; }
Value Value::integer(int64_t v) { return {Int{v, Base::dec}, {}}; }
Value Value::bytes(std::string b) { return {Bytes{std::move(b)}, {}}; }
Value Value::name(std::string n) { return {Name{std::move(n)}, {}}; }
Value Value::error(std::string n) { return {Error{std::move(n)}, {}}; }
Value Value::list(std::vector<Value> items) { return {List{std::move(items)}, {}}; }
Value Value::record(std::vector<Field> fields) { return {Record{std::move(fields)}, {}}; }

}  // namespace ipcvet
