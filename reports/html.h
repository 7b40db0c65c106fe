// The results as one page that needs nothing but itself: it opens from disk, asks no network, and runs nothing but its
// own script, whatever a record contains.
//
// The page is a frame with a plain summary, readable without a script and in text browsers; the data as inert JSON
// (html_data.h); and the viewer of reports/viewer/, which is built into ipcvet. A content security policy lets only
// that script and that style in, by their hashes. Several records make one page with the systems side by side.
#pragma once

#include <ostream>
#include <span>

#include "reports/result.h"

namespace ipcvet {

void write_page(std::ostream &out, std::span<const Record> records);
void write_html(std::ostream &out, const Record &record);

}  // namespace ipcvet
