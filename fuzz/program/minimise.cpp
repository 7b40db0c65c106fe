#include "fuzz/program/minimise.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fuzz/program/pool.h"

namespace ipcvet::fuzz {
namespace {

class Minimiser {
 public:
  Minimiser(Program program, const StillFails &still_fails, size_t questions)
      : best_(std::move(program)), still_fails_(still_fails), left_(questions) {}

  Program run() {
    for (bool better = true; better && left_ > 0;) {
      better = without_actors();
      better = without_steps() || better;
      better = fewer_actors() || better;
      better = smaller_values() || better;
    }
    return std::move(best_);
  }

 private:
  // Is it smaller in steps or text, and does it still fail? Then it is the best so far.
  bool try_it(Program smaller) {
    smaller = repaired(std::move(smaller));
    if (left_ == 0 || smaller == best_ || smaller.steps.size() > best_.steps.size()) return false;
    --left_;
    if (!still_fails_(smaller)) return false;
    best_ = std::move(smaller);
    return true;
  }

  // Everything of one actor at once, and its birth.
  bool without_actors() {
    bool better = false;
    for (const char *name : {"C", "B", "A"}) {
      Program smaller = best_;
      std::erase_if(smaller.steps, [&](const Step &s) {
        const auto bound = bound_names(s);
        return s.actors[0] == name || std::find(bound.begin(), bound.end(), name) != bound.end();
      });
      if (smaller.steps.size() < best_.steps.size()) better = try_it(std::move(smaller)) || better;
    }
    return better;
  }

  // Runs of steps, long ones first.
  bool without_steps() {
    bool better = false;
    for (size_t run = std::max<size_t>(best_.steps.size() / 2, 1); run > 0; run /= 2) {
      for (size_t at = best_.steps.size(); at-- > 0 && left_ > 0;) {
        if (at + run > best_.steps.size()) continue;
        Program smaller = best_;
        const auto from = smaller.steps.begin() + static_cast<std::ptrdiff_t>(at);
        smaller.steps.erase(from, from + static_cast<std::ptrdiff_t>(run));
        better = try_it(std::move(smaller)) || better;
      }
    }
    return better;
  }

  // The same steps by the root actor.
  bool fewer_actors() {
    bool better = false;
    for (size_t at = 0; at < best_.steps.size(); ++at) {
      if (best_.steps[at]->actors[0] == "P") continue;
      Program smaller = best_;
      smaller.steps[at].change([](Step &step) { step.actors[0] = "P"; });
      better = try_it(std::move(smaller)) || better;
    }
    return better;
  }

  bool smaller_values() {
    bool better = false;
    for (size_t at = 0; at < best_.steps.size(); ++at) {
      for (size_t i = 0; i < best_.steps[at]->call.args.size(); ++i)
        for (bool again = true; again && left_ > 0;) {
          again = smaller_argument(at, i);
          better = better || again;
        }
    }
    return better;
  }

  bool smaller_argument(size_t at, size_t i) {
    if (at >= best_.steps.size() || i >= best_.steps[at]->call.args.size()) return false;
    const std::vector<Value> choices = smaller_than(best_.steps[at]->call.args[i]);
    for (const Value &choice : choices) {
      Program smaller = best_;
      smaller.steps[at].change([&](Step &step) { step.call.args[i] = choice; });
      if (try_it(std::move(smaller))) return true;
    }
    return false;
  }

  static std::vector<Value> smaller_than(const Value &v) {
    std::vector<Value> out;
    if (const auto *i = v.as<Value::Int>()) {
      for (const int64_t n : {int64_t{0}, int64_t{1}, i->value / 2, i->value - 1})
        if (n >= 0 && n < i->value) out.push_back({Value::Int{n, i->base}, {}});
    } else if (const auto *b = v.as<Value::Bytes>(); b && !b->bytes.empty()) {
      out.push_back(Value::bytes(""));
      out.push_back(Value::bytes(b->bytes.substr(0, b->bytes.size() / 2)));
    } else if (const auto *o = v.as<Value::Binary>()) {
      if (o->op == Value::Op::bits)
        for (const Value &side : o->sides) out.push_back(side);
      if (o->op == Value::Op::mul)
        for (const Value &n : smaller_than(o->sides[1])) out.push_back({Value::Binary{o->op, {o->sides[0], n}}, {}});
    } else if (const auto *l = v.as<Value::List>(); l && l->items.size() > 1) {
      std::vector<Value> items = l->items;
      items.pop_back();
      out.push_back(Value::list(std::move(items)));
    } else if (const auto *r = v.as<Value::Record>()) {
      fewer_fields(*r, out);
    }
    return out;
  }

  static void fewer_fields(const Value::Record &r, std::vector<Value> &out) {
    for (size_t k = 0; k < r.fields.size(); ++k) {
      if (r.fields.size() > 1) {
        std::vector<Field> fields = r.fields;
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(k));
        out.push_back(Value::record(std::move(fields)));
      }
      for (const Value &smaller : smaller_than(r.fields[k].value)) {
        std::vector<Field> fields = r.fields;
        fields[k].value = smaller;
        out.push_back(Value::record(std::move(fields)));
      }
    }
  }

  Program best_;
  const StillFails &still_fails_;
  size_t left_;
};

}  // namespace

Program minimised(Program program, const StillFails &still_fails, size_t most_questions) {
  return Minimiser(std::move(program), still_fails, most_questions).run();
}

}  // namespace ipcvet::fuzz
