// Runs a Program on real actors, one step after the other, with blocking; the model says before each step what may come
// of it.
#pragma once

#include "fuzz/drive/report.h"
#include "fuzz/program/program.h"
#include "harness/model/setting.h"
#include "harness/run/cast.h"
#include "harness/run/server.h"

namespace ipcvet::fuzz {

struct Stage {
  Server &server;
  model::Setting setting;  // of the system the server runs on; its start is filled in for each Program
  std::string mechanism;   // for the ids of cases
  std::vector<std::string> comments{};
  bool together = false;
  const std::atomic<bool> *stop = nullptr;
};

// What must be known of the system before the model can speak of it: constants, limits, who the root actor is.
std::expected<model::Setting, std::string> setting_of(Server &server);
RunReport run_with_actors(Stage &stage, const Program &program);

}  // namespace ipcvet::fuzz
