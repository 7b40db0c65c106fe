#include "harness/case/case.h"

namespace ipcvet {

bool Step::operator==(const Step &o) const {
  return kind == o.kind && actors == o.actors && call == o.call && outcome == o.outcome && signal == o.signal &&
         value == o.value && memory == o.memory && offset == o.offset && members == o.members && trivia == o.trivia;
}

bool Case::operator==(const Case &o) const {
  return id == o.id && brief == o.brief && specs == o.specs && needs == o.needs && where == o.where &&
         steps == o.steps && stress == o.stress && case_trivia == o.case_trivia && brief_trivia == o.brief_trivia &&
         needs_trivia == o.needs_trivia && trailing == o.trailing;
}

}  // namespace ipcvet
