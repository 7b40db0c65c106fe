// Histories as short text, for tests: one event a line, as a case writes its steps.
//
//     R  read(4) ...            # is called
//     W  write("ab") = 2        # is called and returns, with nothing in between
//     R  ... = "ab"             # returns
//     R  blocked                # is proven to wait
//     rest A B                  # everybody in a call waits, and these are they
#pragma once

#include <string_view>

#include "harness/judge/linear_models.h"

namespace ipcvet::linear {

// Ends the test at a line that is wrong.
TextHistory history_from(std::string_view text);
// "register", "stream", "stream 2 1" (readers, writers), "queue"
SmallModel model_from(const std::string &words);
std::string text_of(const SmallModel &model, const TextHistory &history);

}  // namespace ipcvet::linear
