// The frame of a page that is tables and nothing else: no script, no reference to anything outside, light and dark.
#pragma once

#include <ostream>
#include <string_view>

namespace ipcvet {

void begin_plain_page(std::ostream &out, std::string_view title);
void end_plain_page(std::ostream &out);

}  // namespace ipcvet
