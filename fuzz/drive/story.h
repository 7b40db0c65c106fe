// A run of a Program as a case: its lines say what the model expects, so that `ipcvet run` shows the deviation again.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "fuzz/drive/oracle.h"
#include "harness/case/case.h"

namespace ipcvet::fuzz {

class Story {
 public:
  // After Oracle::ask() and before Oracle::choose(). `agreed`: what was seen is what the model allows; else the lines
  // say what it would have been.
  void tell(const Step &step, const Oracle &oracle, const AllSeen &seen, bool agreed);

  Case as_case(const std::string &mechanism, const std::string &id, const std::string &brief,
               const std::vector<std::string> &comments) const;
  const std::string &requirement() const { return requirement_; }

 private:
  void own_line(const Step &step, const Oracle &oracle, const Seen *seen, bool agreed);
  void others(const Step &step, const Oracle &oracle, const AllSeen &seen, bool agreed);
  void memory_line(const Step &step, const Oracle &oracle);
  Outcome outcome_of(const Step &step, const Oracle &oracle, const std::string &actor, const Seen *seen, bool agreed);
  Call with_outputs(const Step &step, const Oracle &oracle, const std::string &actor) const;

  std::vector<Step> lines_;
  std::map<std::string, Step> in_call_;  // by actor: the step it is blocked in
  std::set<std::string> ended_;
  std::string requirement_;
};

// Lines with the head every found case has.
Case case_of(std::vector<Step> lines, const std::string &mechanism, const std::string &id, const std::string &brief,
             const std::vector<std::string> &comments, const std::string &requirement);
// What was and what should have been, in one sentence.
std::string describe(const Step &step, const Oracle &oracle, const AllSeen &seen);
// The same for every deviation of one kind: for telling known ones from new ones.
std::string signature(const Step &step, const Oracle &oracle, const AllSeen &seen);

}  // namespace ipcvet::fuzz
