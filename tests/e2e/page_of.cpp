// Makes one page of several records, for the tests of the page.   usage: page_of RECORD... >page.html
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

#include "reports/html.h"
#include "reports/json.h"

int main(int argc, char **argv) {
  std::vector<ipcvet::Record> records;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    auto record = ipcvet::read_json(text.view());
    if (!record) {
      std::cerr << argv[i] << ": " << record.error().text() << '\n';
      return 2;
    }
    records.push_back(std::move(*record));
  }
  ipcvet::write_page(std::cout, records);
  return std::cout.good() ? 0 : 3;
}
