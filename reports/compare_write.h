// A comparison in words, for a CI summary, for programs, and as a page.
#pragma once

#include <ostream>

#include "reports/compare.h"

namespace ipcvet {

void write_text(std::ostream &out, const Comparison &comparison, bool color = false);
void write_markdown(std::ostream &out, const Comparison &comparison);
void write_json(std::ostream &out, const Comparison &comparison);
void write_html(std::ostream &out, const Comparison &comparison);

}  // namespace ipcvet
