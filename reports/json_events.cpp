#include "reports/json_events.h"

#include "harness/case/parser.h"
#include "harness/case/text.h"

namespace ipcvet {

using Json = nlohmann::ordered_json;

namespace {

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto c = code_point(text, at);
    if (!c) return false;
    at += c->bytes;
  }
  return true;
}

std::string hex(std::string_view bytes) {
  constexpr const char *digits = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    out += digits[(static_cast<unsigned char>(c) >> 4) & 15];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

// Long data in cases is nearly always one byte many times: [text, count] pairs.
Json bytes_json(const std::string &bytes) {
  constexpr size_t worth_folding = 256;
  if (bytes.size() < worth_folding) return text_json(bytes);
  Json runs = Json::array();
  size_t from = 0;
  for (size_t at = 0; at < bytes.size();) {
    size_t end = at;
    while (end < bytes.size() && bytes[end] == bytes[at]) ++end;
    if (end - at >= worth_folding / 4) {
      if (at > from) runs.push_back({text_json(bytes.substr(from, at - from)), 1});
      runs.push_back({text_json(bytes.substr(at, 1)), end - at});
      from = end;
    }
    at = end;
  }
  if (runs.empty()) return text_json(bytes);
  if (from < bytes.size()) runs.push_back({text_json(bytes.substr(from)), 1});
  return Json{{"runs", std::move(runs)}};
}

Json list_json(const std::vector<Value> &values) {
  Json out = Json::array();
  for (const Value &v : values) out.push_back(value_json(v));
  return out;
}

const char *kind_name(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::call:
      return "call";
    case Event::Kind::returned:
      return "returned";
    case Event::Kind::blocked:
      return "blocked";
    case Event::Kind::still:
      return "still";
    case Event::Kind::signal:
      return "signal";
    case Event::Kind::ended:
      return "ended";
    case Event::Kind::memory:
      return "memory";
    case Event::Kind::note:
      return "note";
  }
  return "note";
}

// Fields that hold their usual value (no arguments, not woken, ...) are left out.
Json event_json(const Event &e) {
  Json out = {{"kind", kind_name(e.kind)}, {"step", step_json(e.step)}, {"actor", text_json(e.actor)}};
  if (!e.name.empty()) out["name"] = text_json(e.name);
  if (!e.args.empty()) out["args"] = list_json(e.args);
  if (!e.result.as<Value::Any>()) out["result"] = value_json(e.result);
  if (!e.proof.empty()) out["proof"] = text_json(e.proof);
  if (e.woke) out["woke"] = true;
  if (e.guard_broken) out["guard_broken"] = true;
  if (e.clock != 0) out["clock"] = e.clock;
  return out;
}

}  // namespace

Json text_json(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  return Json{{"hex", hex(text)}};
}

Json fields_json(const std::vector<Field> &fields) {
  Json out = Json::array();
  for (const Field &f : fields) out.push_back({{"name", text_json(f.name)}, {"value", value_json(f.value)}});
  return out;
}

Json value_json(const Value &value) {
  if (const auto *i = value.as<Value::Int>()) {
    if (i->base == Value::Base::dec) return i->value;
    return Json{{"int", i->value}, {"base", i->base == Value::Base::oct ? 8 : 16}};
  }
  if (const auto *b = value.as<Value::Bytes>()) return bytes_json(b->bytes);
  if (const auto *n = value.as<Value::Name>()) return Json{{"word", text_json(n->text)}};
  if (const auto *e = value.as<Value::Error>()) return Json{{"errno", text_json(e->name)}};
  if (const auto *o = value.as<Value::Observe>()) return Json{{"observe", text_json(o->name)}};
  if (const auto *l = value.as<Value::List>()) return list_json(l->items);
  if (const auto *r = value.as<Value::Record>()) return Json{{"record", fields_json(r->fields)}};
  if (const auto *b = value.as<Value::Binary>())
    return Json{{"op", std::string(1, static_cast<char>(b->op))}, {"sides", list_json(b->sides)}};
  return nullptr;
}

const char *end_name(RunEnd end) {
  switch (end) {
    case RunEnd::finished:
      return "finished";
    case RunEnd::skipped:
      return "skipped";
    case RunEnd::timed_out:
      return "timed_out";
    case RunEnd::broken:
      return "broken";
  }
  return "broken";
}

Json step_json(uint32_t step) { return step == no_step ? Json(nullptr) : Json(step); }

Json texts_json(const std::vector<std::string> &texts) {
  Json out = Json::array();
  for (const std::string &t : texts) out.push_back(text_json(t));
  return out;
}

Json events_json(const std::vector<Event> &events) {
  Json out = Json::array();
  for (const Event &e : events) out.push_back(event_json(e));
  return out;
}

}  // namespace ipcvet
