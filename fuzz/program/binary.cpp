// The binary form: a tagged tree a step, numbers as variable-length integers. A decoder that is given nonsense reads
// what it can, and the repair makes of that a Program.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "fuzz/program/menu.h"
#include "fuzz/program/program.h"

namespace ipcvet::fuzz {
namespace {

enum Tag : uint8_t { tag_any, tag_int, tag_oct, tag_bytes, tag_name, tag_list, tag_record, tag_binary, tags };
enum StepTag : uint8_t { step_call, step_store, step_expect, step_tags };
constexpr std::array<Value::Op, 4> ops = {Value::Op::mul, Value::Op::add, Value::Op::sub, Value::Op::bits};
constexpr size_t longest_text = 4096, most_items = 16;
constexpr int deepest = 8;

class Writer {
 public:
  std::string out;

  void number(uint64_t n) {
    for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
    out += static_cast<char>(n);
  }
  void text(std::string_view s) {
    number(s.size());
    out += s;
  }
  void value(const Value &v) {
    if (const auto *i = v.as<Value::Int>()) {
      out += static_cast<char>(i->base == Value::Base::oct ? tag_oct : tag_int);
      number((static_cast<uint64_t>(i->value) << 1) ^ static_cast<uint64_t>(i->value >> 63));
    } else if (const auto *b = v.as<Value::Bytes>()) {
      out += static_cast<char>(tag_bytes);
      text(b->bytes);
    } else if (const auto *n = v.as<Value::Name>()) {
      out += static_cast<char>(tag_name);
      text(n->text);
    } else if (const auto *l = v.as<Value::List>()) {
      out += static_cast<char>(tag_list);
      number(l->items.size());
      for (const Value &item : l->items) value(item);
    } else if (const auto *r = v.as<Value::Record>()) {
      out += static_cast<char>(tag_record);
      number(r->fields.size());
      for (const Field &f : r->fields) text(f.name), value(f.value);
    } else if (const auto *o = v.as<Value::Binary>()) {
      out += static_cast<char>(tag_binary);
      number(static_cast<uint64_t>(std::find(ops.begin(), ops.end(), o->op) - ops.begin()));
      for (const Value &side : o->sides) value(side);
    } else {
      out += static_cast<char>(tag_any);
    }
  }
};

class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : left_(bytes) {}
  bool more() const { return !left_.empty(); }
  // Has all been read as a Writer writes it, with nothing cut short?
  bool faithful() const { return faithful_; }
  void doubt(bool why) { faithful_ = faithful_ && !why; }
  uint8_t byte() {
    doubt(left_.empty());
    if (left_.empty()) return 0;
    const uint8_t b = left_.front();
    left_ = left_.subspan(1);
    return b;
  }
  uint64_t number() {
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const uint8_t b = byte();
      n |= static_cast<uint64_t>(b & 0x7f) << shift;
      if (!(b & 0x80)) break;
    }
    return n;
  }
  // A number that is less than `end`, or is made so.
  uint64_t number_below(uint64_t end) {
    const uint64_t n = number();
    doubt(n >= end);
    return n % end;
  }
  uint8_t tag_below(uint8_t end) {
    const uint8_t b = byte();
    doubt(b >= end);
    return b % end;
  }
  size_t at_most(uint64_t most) {
    const uint64_t n = number();
    doubt(n > most);
    return std::min(n, most);
  }
  std::string text() {
    const uint64_t wanted = number();
    const size_t n = std::min<uint64_t>({wanted, longest_text, left_.size()});
    doubt(n != wanted);
    std::string out(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(n));
    left_ = left_.subspan(n);
    return out;
  }
  Value value(int depth = 0) {
    const uint8_t tag = tag_below(tags);
    if (tag == tag_int || tag == tag_oct) {
      const uint64_t n = number();
      const auto decoded = static_cast<int64_t>((n >> 1) ^ (~(n & 1) + 1));
      return {Value::Int{decoded, tag == tag_oct ? Value::Base::oct : Value::Base::dec}, {}};
    }
    if (tag == tag_bytes) return Value::bytes(text());
    if (tag == tag_name) return Value::name(text());
    doubt(tag != tag_any && depth >= deepest);
    if (tag == tag_any || depth >= deepest) return Value::any();
    return compound(tag, depth + 1);
  }

 private:
  Value compound(uint8_t tag, int depth) {
    if (tag == tag_binary) {
      const Value::Op op = ops[number_below(ops.size())];
      Value left = value(depth);
      return {Value::Binary{op, {std::move(left), value(depth)}}, {}};
    }
    std::vector<Value> items;
    std::vector<Field> fields;
    for (size_t n = at_most(most_items); n > 0; --n) {
      doubt(!more());
      if (!more()) break;
      if (tag == tag_list) {
        items.push_back(value(depth));
      } else {
        std::string name = text();
        fields.push_back({std::move(name), value(depth)});
      }
    }
    return tag == tag_list ? Value::list(std::move(items)) : Value::record(std::move(fields));
  }

  std::span<const uint8_t> left_;
  bool faithful_ = true;
};

// Calls travel by their place in the whole menu, so that most bytes are a call.
const std::vector<Dish> &all_calls() {
  static const std::vector<Dish> &all = menu("all");
  return all;
}

uint64_t place_of(const std::string &call) {
  static const auto places = [] {
    std::unordered_map<std::string_view, uint64_t> out;
    for (const Dish &dish : all_calls()) out.emplace(dish.call, out.size());
    return out;
  }();
  const auto at = places.find(call);
  return at == places.end() ? all_calls().size() : at->second;
}

std::string actor_of(uint8_t n) {
  constexpr std::array<const char *, most_actors> names = {"P", "A", "B", "C"};
  return names[n % names.size()];
}

uint8_t number_of_actor(const std::string &name) {
  for (uint8_t i = 0; i < most_actors; ++i)
    if (actor_of(i) == name) return i;
  return 0;
}

Step read_step(Reader &in) {
  const uint8_t kind = in.tag_below(step_tags);
  std::string actor = actor_of(in.tag_below(most_actors));
  if (kind != step_call) {
    std::string memory = in.text();
    Value offset = in.value();
    std::string data = in.text();
    Step step = store_step(std::move(actor), std::move(memory), std::move(offset), std::move(data));
    if (kind == step_expect) step.kind = Step::Kind::expect;
    return step;
  }
  Call call{std::string(all_calls()[in.number_below(all_calls().size())].call), {}, {}};
  const size_t arguments = in.at_most(8);
  call.args.reserve(arguments);
  for (size_t n = arguments; n > 0; --n) call.args.push_back(in.value());
  return call_step(std::move(actor), std::move(call), in.text());
}

void write_step(Writer &out, const Step &step) {
  const bool store = step.kind == Step::Kind::store, memory = store || step.kind == Step::Kind::expect;
  out.out += static_cast<char>(store ? step_store : memory ? step_expect : step_call);
  out.out += static_cast<char>(number_of_actor(step.actors[0]));
  if (memory) {
    out.text(step.memory);
    out.value(step.offset);
    out.text(step.value.as<Value::Bytes>() ? step.value.as<Value::Bytes>()->bytes : SharedText());
    return;
  }
  out.number(place_of(step.call.name));
  out.number(step.call.args.size());
  for (const Value &v : step.call.args) out.value(v);
  const auto *name = step.outcome.empty() ? nullptr : step.outcome[0].value.as<Value::Name>();
  out.text(name ? name->text : "");
}

}  // namespace

std::string encode(const Program &program) {
  Writer out;
  for (const SharedStep &step : program.steps) write_step(out, *step);
  return std::move(out.out);
}

Program decode(std::span<const uint8_t> bytes) {
  Reader in(bytes);
  Program program;
  while (in.more() && program.steps.size() < most_steps) program.steps.push_back(read_step(in));
  return repaired(std::move(program));
}

Program decode_own(std::string_view bytes) {
  Reader in({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()});
  Program program;
  program.steps.reserve(most_steps);
  while (in.more() && program.steps.size() < most_steps) program.steps.push_back(read_step(in));
  if (in.more() || !in.faithful()) program = repaired(std::move(program));
  return program;
}

}  // namespace ipcvet::fuzz
