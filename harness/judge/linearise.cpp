#include "harness/judge/linearise.h"

namespace ipcvet::linear {
namespace {

constexpr size_t most_events = 30, most_allowed = 6;

std::string line_of(uint32_t number, const std::string &text, bool marked) {
  const std::string digits = std::to_string(number);
  return (marked ? "  > " : "    ") + std::string(digits.size() < 4 ? 4 - digits.size() : 0, ' ') + digits + "  " +
         text + "\n";
}

// "there R's read(4) returns 1, 2, or 3"
std::string allowed_text(const StateText &t) {
  const size_t all = t.allowed.size(), n = std::min(all, most_allowed);
  std::string out = "there" + (t.who.empty() ? "" : " " + t.who);
  for (size_t i = 0; i < n; ++i) {
    std::string word = t.allowed[i];
    if (i > 0 && word.starts_with("returns ")) word.erase(0, 8);
    out += (i == 0 ? " " : i + 1 < all ? ", " : all == 2 ? " or " : ", or ") + word;
  }
  return n < all ? out + ", or one of " + std::to_string(all - n) + " more" : out;
}

}  // namespace

std::string explanation_text(const std::vector<std::string> &events, const std::vector<uint32_t> &numbers,
                             const std::vector<StateText> &states) {
  const size_t last = events.size() - 1;
  std::string out = "No order of the calls explains event " + std::to_string(numbers[last] + 1) + ":\n";
  const size_t first = events.size() > most_events ? events.size() - most_events : 0;
  if (first > 0) out += "    (" + std::to_string(first) + " events before these can be explained)\n";
  for (size_t i = first; i < events.size(); ++i) out += line_of(numbers[i] + 1, events[i], i == last);
  out += states.size() == 1 ? "Before it there is one possibility:\n"
                            : "Before it there are " + std::to_string(states.size()) + " possibilities:\n";
  for (size_t i = 0; i < std::min(states.size(), most_states); ++i) {
    out += "  - " + states[i].state + "\n";
    if (!states[i].allowed.empty()) out += "    " + allowed_text(states[i]) + "\n";
  }
  if (states.size() > most_states) out += "  - and " + std::to_string(states.size() - most_states) + " more\n";
  return out;
}

Groups group_by_object(const std::vector<std::optional<std::vector<std::string>>> &objects) {
  // Names joined into sets, each known by the smallest number in it.
  std::map<std::string, uint32_t> number;
  for (const auto &names : objects)
    if (names)
      for (const auto &name : *names) number.emplace(name, static_cast<uint32_t>(number.size()));
  std::vector<uint32_t> set(number.size() + 1);
  std::iota(set.begin(), set.end(), 0);
  const auto root = [&](uint32_t i) {
    while (set[i] != i) i = set[i] = set[set[i]];
    return i;
  };
  Groups groups{std::vector<uint32_t>(objects.size(), 0), 1};
  for (const auto &names : objects) {
    if (!names) continue;
    if (names->empty()) return groups;
    for (const auto &name : *names) set[root(number[name])] = root(number[names->front()]);
  }
  std::map<uint32_t, uint32_t> index;
  for (size_t i = 0; i < objects.size(); ++i)
    if (objects[i])
      groups.of_event[i] =
          index.emplace(root(number[objects[i]->front()]), static_cast<uint32_t>(index.size())).first->second;
  groups.count = std::max<uint32_t>(1, static_cast<uint32_t>(index.size()));
  return groups;
}

}  // namespace ipcvet::linear
