#include "harness/judge/linear_text.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <sstream>

namespace ipcvet::linear {
namespace {

std::string trimmed(const std::string &s) {
  const size_t from = s.find_first_not_of(' '), to = s.find_last_not_of(' ');
  return from == std::string::npos ? "" : s.substr(from, to - from + 1);
}

TextCall call_from(const std::string &text) {
  const size_t open = text.find('('), dot = text.substr(0, open).find('.');
  INFO(text);
  REQUIRE((open != std::string::npos && text.back() == ')'));
  TextCall c;
  c.object = dot == std::string::npos ? "" : text.substr(0, dot);
  c.name = text.substr(dot == std::string::npos ? 0 : dot + 1, open - (dot == std::string::npos ? 0 : dot + 1));
  std::istringstream args(text.substr(open + 1, text.size() - open - 2));
  for (std::string arg; std::getline(args, arg, ',');) c.args.push_back(trimmed(arg));
  return c;
}

struct Reader {
  TextHistory h{};
  std::set<uint32_t> inside{};

  uint32_t actor(const std::string &name) {
    const auto at = std::find(h.actors.begin(), h.actors.end(), name);
    if (at != h.actors.end()) return static_cast<uint32_t>(at - h.actors.begin());
    h.actors.push_back(name);
    return static_cast<uint32_t>(h.actors.size() - 1);
  }

  void call(uint32_t a, const std::string &text) {
    REQUIRE(inside.insert(a).second);
    h.events.push_back({TextEvent::Kind::call, a, call_from(text), {}});
  }
  void returned(uint32_t a, const std::string &result) {
    REQUIRE(inside.erase(a) == 1);
    h.events.push_back({TextEvent::Kind::returned, a, {}, result});
  }

  void rest(std::istringstream &names) {
    std::set<uint32_t> waiting;
    for (std::string name; names >> name;) waiting.insert(actor(name));
    REQUIRE(waiting == inside);
    h.events.push_back({TextEvent::Kind::rest, 0, {}, {}});
  }

  void line(const std::string &text) {
    INFO(text);
    std::istringstream words(text);
    std::string name, rest_of;
    if (!(words >> name)) return;
    if (name == "rest") return rest(words);
    std::getline(words, rest_of);
    rest_of = trimmed(rest_of);
    const uint32_t a = actor(name);
    const size_t equals = rest_of.find(" = ");
    if (rest_of == "blocked") {
      REQUIRE(inside.contains(a));
      h.events.push_back({TextEvent::Kind::blocked, a, {}, {}});
    } else if (rest_of.starts_with("... = ")) {
      returned(a, rest_of.substr(6));
    } else if (rest_of.ends_with(" ...")) {
      call(a, rest_of.substr(0, rest_of.size() - 4));
    } else {
      REQUIRE(equals != std::string::npos);
      call(a, rest_of.substr(0, equals));
      returned(a, rest_of.substr(equals + 3));
    }
  }
};

}  // namespace

TextHistory history_from(std::string_view text) {
  Reader reader;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) reader.line(line.substr(0, line.find('#')));
  return reader.h;
}

SmallModel model_from(const std::string &words) {
  std::istringstream in(words);
  std::string kind;
  int readers = 1, writers = 1;
  in >> kind >> readers >> writers;
  if (kind == "register") return register_model();
  if (kind == "queue") return queue_model();
  REQUIRE(kind == "stream");
  return stream_model(in ? readers : 1, in ? writers : 1);
}

std::string text_of(const SmallModel &model, const TextHistory &history) {
  std::string out;
  std::set<uint32_t> inside;
  for (const auto &e : history.events) {
    const std::string name = e.kind == TextEvent::Kind::rest ? "rest" : history.actors[e.actor];
    out += name;
    if (e.kind == TextEvent::Kind::call) inside.insert(e.actor);
    if (e.kind == TextEvent::Kind::returned) inside.erase(e.actor);
    if (e.kind == TextEvent::Kind::call) out += "  " + model.text(e.operation) + " ...";
    if (e.kind == TextEvent::Kind::returned) out += "  ... = " + e.result;
    if (e.kind == TextEvent::Kind::blocked) out += "  blocked";
    if (e.kind == TextEvent::Kind::rest)
      for (const uint32_t a : inside) out += " " + history.actors[a];
    out += "\n";
  }
  return out;
}

}  // namespace ipcvet::linear
