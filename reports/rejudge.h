// Judges what a record holds once more: here, by this program, whatever system it was recorded on.
//
// The case's text and its history are all that is needed. A record does not hold the constants of its system, so those
// of this program's count; it may leave out the log of a large stress part, and then there is nothing to judge.
#pragma once

#include <expected>
#include <string>

#include "reports/result.h"

namespace ipcvet {

std::expected<Verdict, std::string> judge_again(const CaseResult &recorded, JudgeOptions options = {});

}  // namespace ipcvet
