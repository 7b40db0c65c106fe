#include "harness/judge/text_pool.h"

#include <catch2/catch_test_macros.hpp>

using namespace ipcvet;

namespace {

History with(std::vector<Value> args, Value result) {
  History history;
  history.events.reserve(100);
  history.events.push_back({.kind = Event::Kind::returned, .args = std::move(args), .result = std::move(result)});
  return history;
}

const SharedText &text_in(const Value &v) { return v.as<Value::Bytes>()->bytes; }

}  // namespace

TEST_CASE("equal bytes of two histories are kept once") {
  const auto bytes = [](size_t n) { return Value::bytes(std::string(n, 'x')); };
  History one = with({bytes(5000), Value::list({bytes(5000)})}, Value::record({{"data", bytes(5000)}}));
  History other = with({bytes(5000), bytes(4999)}, Value::bytes(""));
  const std::vector<Value> said = one.events[0].args;

  TextPool pool;
  pool.compact(one);
  pool.compact(other);

  const Event &e = one.events[0];
  const SharedText &text = text_in(e.args[0]);
  CHECK(text_in(e.args[1].as<Value::List>()->items[0]).data() == text.data());
  CHECK(text_in(e.result.as<Value::Record>()->fields[0].value).data() == text.data());
  CHECK(text_in(other.events[0].args[0]).data() == text.data());
  CHECK(text_in(other.events[0].args[1]).data() != text.data());
  CHECK(e.args == said);
  CHECK(text_in(other.events[0].result).empty());
  CHECK(one.events.capacity() < 100);
}
