// Values, events and lists of texts, as a record writes them.
#pragma once

#include <string>
#include <vector>

#include "harness/judge/history.h"
#include "reports/json_place.h"

namespace ipcvet {

Value read_value(const Place &place);
std::vector<Field> read_fields(const Place &place);
std::vector<Event> read_events(const Place &place);
std::vector<std::string> read_texts(const Place &place);
uint32_t read_step(const Place &place);  // no_step where there is none

}  // namespace ipcvet
