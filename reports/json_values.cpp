#include "reports/json_values.h"

#include "harness/judge/resolve.h"

namespace ipcvet {
namespace {

constexpr std::pair<const char *, Event::Kind> kind_names[] = {
    {"call", Event::Kind::call},     {"returned", Event::Kind::returned}, {"blocked", Event::Kind::blocked},
    {"still", Event::Kind::still},   {"signal", Event::Kind::signal},     {"ended", Event::Kind::ended},
    {"memory", Event::Kind::memory}, {"note", Event::Kind::note}};
constexpr std::pair<const char *, Value::Op> op_names[] = {{"*", Value::Op::mul},
                                                           {"+", Value::Op::add},
                                                           {"-", Value::Op::sub},
                                                           {"|", Value::Op::bits},
                                                           {".", Value::Op::range}};

std::vector<Value> read_values(const Place &place) {
  std::vector<Value> out;
  place.each([&](const Place &p) { out.push_back(read_value(p)); });
  return out;
}

Value read_runs(const Place &place) {
  std::string out;
  place.each([&](const Place &run) {
    if (!run.is_array() || run.size() != 2) return run.fail("is no pair of text and count");
    const std::string text = run.at(0).text();
    const auto times = static_cast<size_t>(run.at(1).number(0, static_cast<int64_t>(max_bytes)));
    if (text.size() * times > max_bytes - std::min(out.size(), max_bytes)) return run.fail("makes too many bytes");
    if (!run.unfold(text.size() * times)) return;
    for (size_t i = 0; i < times; ++i) out += text;
  });
  return Value::bytes(std::move(out));
}

Value read_binary(const Place &place) {
  Value::Binary binary{place["op"].named(op_names), read_values(place["sides"])};
  if (binary.sides.size() == 2) return {std::move(binary), {}};
  place.fail("has not two sides");
  return Value::any();
}

Value read_int(const Place &place) {
  const int64_t base = place["base"].number(8, 16);
  return {Value::Int{place["int"].number(), base == 8 ? Value::Base::oct : Value::Base::hex}, {}};
}

Value read_object(const Place &p) {
  const Place::Json &json = *p.json();
  if (json.contains("hex")) return Value::bytes(p.text());
  if (json.contains("runs")) return read_runs(p["runs"]);
  if (json.contains("int")) return read_int(p);
  if (json.contains("word")) return Value::name(p["word"].required_text());
  if (json.contains("errno")) return Value::error(p["errno"].required_text());
  if (json.contains("observe")) return {Value::Observe{p["observe"].text()}, {}};
  if (json.contains("record")) return Value::record(read_fields(p["record"]));
  if (json.contains("op")) return read_binary(p);
  p.fail("is no value");
  return Value::any();
}

Event read_event(const Place &p) {
  Event e;
  e.kind = p["kind"].named(kind_names);
  e.step = read_step(p["step"]);
  e.actor = p["actor"].text();
  e.name = p["name"].text();
  e.args = read_values(p["args"]);
  e.result = read_value(p["result"]);
  e.proof = p["proof"].text();
  e.woke = p["woke"].flag();
  e.guard_broken = p["guard_broken"].flag();
  e.clock = p["clock"].number();
  return e;
}

}  // namespace

Value read_value(const Place &place) {
  if (!place.present()) return Value::any();
  if (place.json()->is_number_integer()) return Value::integer(place.number());
  if (place.json()->is_string()) return Value::bytes(place.text());
  if (place.is_array()) return Value::list(read_values(place));
  if (place.is_object()) return read_object(place);
  place.fail("is no value");
  return Value::any();
}

std::vector<Field> read_fields(const Place &place) {
  std::vector<Field> out;
  place.each([&](const Place &p) { out.push_back({p["name"].required_text(), read_value(p["value"])}); });
  return out;
}

std::vector<Event> read_events(const Place &place) {
  std::vector<Event> out;
  place.each([&](const Place &p) { out.push_back(read_event(p)); });
  return out;
}

std::vector<std::string> read_texts(const Place &place) {
  std::vector<std::string> out;
  place.each([&](const Place &p) { out.push_back(p.required_text()); });
  return out;
}

uint32_t read_step(const Place &place) { return place.present() ? place.small() : no_step; }

}  // namespace ipcvet
