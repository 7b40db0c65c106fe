#include "harness/judge/linear_models.h"

#include <algorithm>
#include <functional>

namespace ipcvet::linear {
namespace {

constexpr size_t stream_room = 8, stream_whole = 4;

// "ab" without its quotes.
std::string bare(const std::string &quoted) {
  return quoted.size() >= 2 && quoted.front() == '"' ? quoted.substr(1, quoted.size() - 2) : quoted;
}
std::string quoted(const std::string &text) { return "\"" + text + "\""; }
std::string plural(int n, const char *what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

std::vector<Attempted> is(SmallObject object, std::string result) {
  return {{std::move(object), std::move(result), ""}};
}
std::vector<Attempted> waits(const SmallObject &object, const std::string &done = "") {
  return {{object, std::nullopt, done}};
}

std::vector<Attempted> attempt_register(const SmallObject &o, const TextCall &c, const std::string &) {
  if (c.name == "read") return is(o, o.bytes);
  SmallObject next = o;
  next.bytes = c.args.at(0);
  return is(next, c.name == "swap" ? o.bytes : "0");
}

std::vector<Attempted> attempt_write(const SmallObject &o, const std::string &bytes, bool try_only,
                                     const std::string &done) {
  if (o.readers == 0) return is(o, done.empty() ? "-1 EPIPE" : std::to_string(done.size()));
  const size_t room = stream_room - o.bytes.size();
  SmallObject next = o;
  if (bytes.size() <= stream_whole) {
    if (room < bytes.size()) return try_only ? is(o, "-1 EAGAIN") : waits(o);
    next.bytes += bytes;
    return is(next, std::to_string(bytes.size()));
  }
  if (try_only) {
    if (room == 0) return is(o, "-1 EAGAIN");
    const std::string part = bytes.substr(0, room);
    next.bytes += part;
    return is(next, std::to_string(part.size()));
  }
  if (room == 0) return waits(o, done);
  next.bytes += bytes[done.size()];
  const std::string more = bytes.substr(0, done.size() + 1);
  if (more.size() == bytes.size()) return is(next, std::to_string(more.size()));
  return waits(next, more);
}

std::vector<Attempted> attempt_read(const SmallObject &o, const TextCall &c, const std::string &done) {
  const size_t most = std::stoul(c.args.at(0)) - done.size();
  SmallObject next = o;
  const std::string got = done + o.bytes.substr(0, most);
  next.bytes.erase(0, most);
  const bool enough = c.name == "readall" ? got.size() == std::stoul(c.args[0]) : !got.empty();
  if (enough || o.writers == 0) return is(next, quoted(got));
  if (c.name == "tryread") return is(o, "-1 EAGAIN");
  return waits(next, got);
}

std::vector<Attempted> attempt_stream(const SmallObject &o, const TextCall &c, const std::string &done) {
  if (c.name == "write" || c.name == "trywrite")
    return attempt_write(o, bare(c.args.at(0)), c.name == "trywrite", done);
  if (c.name.ends_with("read") || c.name == "readall") return attempt_read(o, c, done);
  SmallObject next = o;
  (c.name.ends_with("_r") ? next.readers : next.writers) += c.name.starts_with("open") ? 1 : -1;
  return is(next, "0");
}

// The message a receive of this type takes, or the end.
size_t chosen(const SmallObject &o, int type) {
  size_t best = o.messages.size();
  for (size_t i = 0; i < o.messages.size(); ++i) {
    const int t = o.messages[i].first;
    if (type == 0 || t == type) return i;
    if (type < 0 && t <= -type && (best == o.messages.size() || t < o.messages[best].first)) best = i;
  }
  return best;
}

std::vector<Attempted> attempt_queue(const SmallObject &o, const TextCall &c, const std::string &done) {
  SmallObject next = o;
  if (o.removed) return is(o, done.empty() ? "-1 EINVAL" : "-1 EIDRM");
  if (c.name == "count") return is(o, std::to_string(o.messages.size()));
  if (c.name == "remove") {
    next = {};
    next.removed = true;
    return is(next, "0");
  }
  if (c.name.ends_with("send")) {
    if (o.messages.size() >= o.room) return c.name == "trysend" ? is(o, "-1 EAGAIN") : waits(o, "waited");
    next.messages.emplace_back(std::stoi(c.args.at(0)), bare(c.args.at(1)));
    return is(next, "0");
  }
  const size_t i = chosen(o, std::stoi(c.args.at(0)));
  if (i == o.messages.size()) return c.name == "tryrecv" ? is(o, "-1 ENOMSG") : waits(o, "waited");
  const auto &[type, text] = o.messages[i];
  if (c.args.size() > 1 && text.size() > std::stoul(c.args[1])) return is(o, "-1 E2BIG");
  next.messages.erase(next.messages.begin() + static_cast<std::ptrdiff_t>(i));
  return is(next, std::to_string(type) + " " + quoted(text));
}

std::string describe_queue(const SmallObject &o) {
  if (o.removed) return "removed";
  std::string out;
  for (const auto &[type, text] : o.messages)
    out += (out.empty() ? "" : ", ") + std::to_string(type) + " " + quoted(text);
  return out.empty() ? "no messages" : out;
}
std::string describe_stream(const SmallObject &o) {
  return "holds " + quoted(o.bytes) + ", " + plural(o.readers, "reader") + ", " + plural(o.writers, "writer");
}
std::string describe_register(const SmallObject &o) { return "is " + o.bytes; }

}  // namespace

SmallModel::Moves SmallModel::moves(const State &state, uint32_t actor, const Waiting &w, bool first) const {
  Moves out;
  const auto at = state.objects.find(w.call.object);
  for (auto &a : attempt(at == state.objects.end() ? fresh : at->second, w.call, w.done)) {
    State next = state;
    next.objects[w.call.object] = std::move(a.object);
    if (a.result)
      next.waiting.erase(actor);
    else
      next.waiting[actor] = {w.call, a.done};
    if (first || next != state) out.push_back({actor, std::move(a.result), std::move(next)});
  }
  return out;
}

SmallModel::Moves SmallModel::begin(const State &state, uint32_t actor, const TextCall &call) const {
  return moves(state, actor, {call, ""}, true);
}

SmallModel::Moves SmallModel::go_on(const State &state) const {
  Moves out;
  for (const auto &[actor, w] : state.waiting)
    for (auto &m : moves(state, actor, w, false)) out.push_back(std::move(m));
  return out;
}

uint64_t SmallModel::hash(const State &state) const {
  uint64_t h = 1;
  const auto mix = [&h](const std::string &s) { h = h * 0x9e3779b97f4a7c15u + std::hash<std::string>{}(s); };
  for (const auto &[name, o] : state.objects) {
    mix(name);
    mix(describe_queue(o));
    mix(describe_stream(o));
  }
  for (const auto &[actor, w] : state.waiting) {
    mix(std::to_string(actor));
    mix(w.done);
  }
  return h;
}

std::string SmallModel::text(const State &state) const {
  if (state.objects.empty()) return kind + " " + describe(fresh);
  std::string out;
  for (const auto &[name, o] : state.objects)
    out += (out.empty() ? "" : "; ") + (name.empty() ? kind : name) + " " + describe(o);
  return out;
}

std::string SmallModel::text(const TextCall &call) const {
  std::string out = (call.object.empty() ? "" : call.object + ".") + call.name + "(";
  for (size_t i = 0; i < call.args.size(); ++i) out += (i ? ", " : "") + call.args[i];
  return out + ")";
}

std::vector<std::string> SmallModel::objects(uint32_t, const TextCall &call) const { return {call.object}; }

SmallModel::Future SmallModel::foresee(const TextHistory &history) const {
  Future future;
  std::map<uint32_t, uint32_t> inside;  // the call each actor is in
  for (uint32_t i = 0; i < history.events.size(); ++i) {
    const auto &e = history.events[i];
    if (e.kind == TextEvent::Kind::call) {
      inside[e.actor] = i;
      if (e.operation.name.ends_with("send")) ++future.messages[bare(e.operation.args.at(1))].sent;
    }
    if (e.kind != TextEvent::Kind::returned) continue;
    const uint32_t call = inside[e.actor];
    inside.erase(e.actor);
    if (const size_t text = e.result.find('"'); text != std::string::npos) {
      Received &r = future.messages[bare(e.result.substr(text))];
      ++r.times;
      r.call = call;
      r.returned = i;
    }
  }
  future.open = !inside.empty();
  return future;
}

bool SmallModel::possible(const State &state, const Future &future) const {
  const auto known = [&](const std::string &text) -> const Received * {
    const auto at = future.messages.find(text);
    return at != future.messages.end() && at->second.sent == 1 && at->second.times <= 1 ? &at->second : nullptr;
  };
  for (const auto &[name, object] : state.objects) {
    if (object.messages.size() < 2) continue;
    const auto &[type, text] = object.messages.back();  // the others have been looked at
    const Received *last = known(text);
    if (!last || last->times == 0) continue;
    for (size_t i = 0; i + 1 < object.messages.size(); ++i) {
      if (object.messages[i].first != type) continue;
      const Received *first = known(object.messages[i].second);
      if (!first) continue;
      if (first->times == 0 ? !future.open : last->returned < first->call) return false;
    }
  }
  return true;
}

SmallModel register_model() {
  SmallModel m{"register", attempt_register, describe_register, {}};
  m.fresh.bytes = "0";
  return m;
}
SmallModel stream_model(int readers, int writers) {
  SmallModel m{"stream", attempt_stream, describe_stream, {}};
  m.fresh.readers = readers;
  m.fresh.writers = writers;
  return m;
}
SmallModel queue_model(size_t room) {
  SmallModel m{"queue", attempt_queue, describe_queue, {}};
  m.fresh.room = room;
  return m;
}

}  // namespace ipcvet::linear
