#include "harness/target/roles.h"

#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "harness/target/first_process.h"
#include "harness/target/init.h"
#include "harness/target/keeper.h"
#include "harness/target/root.h"

namespace ipcvet {
namespace {

constexpr int could_not = 3;  // the status of a harness that failed

}  // namespace

std::optional<int> play_role(int &argc, char **&argv) {
  const std::string_view name = argc > 0 ? argv[0] : "";
  if (name == keeper_name) return keeper_main(argc, argv);
  if (is_init(name)) return init_main();
  if (argc > 4 && std::string_view(argv[1]) == enter_root_word) {
    if (const auto entered = enter_root(argc, argv); !entered) {
      std::fprintf(stderr, "ipcvet: %s\n", entered.error().c_str());
      return could_not;
    }
  }
  return getpid() == 1 ? leave_first_process() : std::nullopt;
}

}  // namespace ipcvet
