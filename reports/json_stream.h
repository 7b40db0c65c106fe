// Takes a record apart while it is parsed, so that no more than one case of it is in memory as JSON.
//
// Syntax errors, too deep nesting and a doubled `cases` are found here; what the parts mean is the receiver's matter.
// Parts come in the order of the document, which may have `schema` last.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "reports/json.h"

namespace ipcvet {

struct RecordParts {
  // A member of the outermost object that is asked for in `wanted`; also `cases`, empty where its elements follow.
  std::function<void(const std::string &name, const nlohmann::json &value)> member;
  std::function<void(size_t index, const nlohmann::json &value)> element;  // one of `cases`
  std::span<const std::string_view> wanted{};
  std::span<const std::string_view> left_out{};  // members of the elements that need not be built
};

// The error, if the text is no JSON object or breaks a limit.
std::optional<RecordError> take_apart(std::string_view text, const RecordParts &parts);

}  // namespace ipcvet
