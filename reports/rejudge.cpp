#include "reports/rejudge.h"

#include "harness/case/parser.h"

namespace ipcvet {

std::expected<Verdict, std::string> judge_again(const CaseResult &recorded, JudgeOptions options) {
  auto parsed = parse(recorded.text, recorded.instance_id());
  if (!parsed) return std::unexpected("its text is no case: " + parsed.error().front().message);
  if (!recorded.stress_counts.empty())
    return std::unexpected("the log of its stress part was too large to be recorded");
  parsed->row = recorded.row;
  parsed->cells = recorded.cells;
  return judge(*parsed, recorded.history, options);
}

}  // namespace ipcvet
