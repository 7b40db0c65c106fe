// Texts, values and events as a record writes them; json_values.h reads them back.
//
// What is not UTF-8 becomes an object with the bytes in hexadecimal, so that every string of a record is a string for
// every reader. nlohmann::json appears in reports/json_*.cpp and in this header only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/case/case.h"
#include "harness/judge/history.h"

namespace ipcvet {

nlohmann::ordered_json text_json(std::string_view text);
nlohmann::ordered_json texts_json(const std::vector<std::string> &texts);
nlohmann::ordered_json value_json(const Value &value);
nlohmann::ordered_json fields_json(const std::vector<Field> &fields);
nlohmann::ordered_json step_json(uint32_t step);  // null for no_step
// Fields that hold their usual value (no arguments, not woken, ...) are left out.
nlohmann::ordered_json events_json(const std::vector<Event> &events);
const char *end_name(RunEnd end);

}  // namespace ipcvet
