// Texts of tests that are too long to stand in them: reports/golden/NAME.golden, compared byte by byte. With
// IPCVET_UPDATE_GOLDEN in the environment they are written instead, to be read before they are committed.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace ipcvet {

inline std::string golden(const std::string &name, const std::string &actual) {
  const std::string path = std::string(IPCVET_GOLDEN) + "/" + name + ".golden";
  if (std::getenv("IPCVET_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << actual;
    return actual;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace ipcvet
