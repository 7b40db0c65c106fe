// Runs Programs of one actor inside this process: no other process, no waiting, a fresh state by taking away what the
// Program made. Calls that the model says may block or end the actor are not made.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "fuzz/drive/bare.h"
#include "fuzz/drive/kcov.h"
#include "fuzz/drive/report.h"
#include "fuzz/program/program.h"
#include "harness/model/setting.h"
#include "harness/model/world.h"
#include "harness/run/area.h"

namespace ipcvet::fuzz {

class Inside {
 public:
  // own: the process is nothing else; it gives up its descriptors, and without namespaces of its own nothing is run.
  // shared: with an engine, which perhaps runs where nobody may make namespaces; then keys and names are made unique,
  // and the directory is a temporary one.
  enum class Place : uint8_t { own, shared };
  // Once a process, before it has threads.
  static std::expected<std::unique_ptr<Inside>, std::string> make(Place place);
  RunReport run(const Program &program, const std::string &mechanism);
  // For measuring: the calls of a Program that are made, and making them once more with nothing around but the fresh
  // state; how many of them fail now and did not then, or the other way round.
  std::vector<BareCall> bare(const Program &program, const std::string &mechanism);
  size_t again(std::vector<BareCall> &calls);

 private:
  explicit Inside(Area area) : area_(std::move(area)) {}
  friend class InsideRun;
  bool enter();
  std::string go_apart();
  void begin();  // learns which descriptors there are
  void tidy();   // takes away what a Program left
  Area area_;
  model::Setting setting_{};
  model::World world_{};
  std::vector<bool> kept_;  // descriptors that are not the Program's
  std::unique_ptr<KernelCoverage> kernel_{};
  int home_ = -1, work_ = -1;  // directories: the process's own, and that of Programs
};

}  // namespace ipcvet::fuzz
