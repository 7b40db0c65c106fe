#include "fuzz/drive/bare.h"

#include <algorithm>
#include <cstring>

#include "harness/run/encode.h"

namespace ipcvet::fuzz {
namespace {

size_t end_of_data(const unsigned char *data, const wire_value &v) {
  if (v.kind == WIRE_BYTES) return v.off + v.len;
  if (v.kind != WIRE_LIST) return 0;
  size_t end = v.off + v.len * sizeof(wire_value);
  for (uint32_t i = 0; i < v.len; ++i) {
    wire_value item;
    std::memcpy(&item, data + v.off + i * sizeof item, sizeof item);
    end = std::max(end, end_of_data(data, item));
  }
  return end;
}

std::vector<unsigned char> bytes_in(Area &area) {
  const wire_call &request = area.slot(0).call;
  size_t end = 0;
  for (const wire_value &v : request.args) end = std::max(end, end_of_data(area.in(0), v));
  std::vector<unsigned char> bytes(sizeof request + end);
  std::memcpy(bytes.data(), &request, sizeof request);
  std::copy_n(area.in(0), end, bytes.begin() + sizeof request);
  return bytes;
}

uint64_t number_at(const std::vector<unsigned char> &bytes, size_t at) {
  uint64_t n = 0;
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return n;
}

void numbers_given(Area &area, std::vector<int64_t> &gave) {
  const wire_answer &reply = area.slot(0).reply;
  gave.assign(1, reply.result);
  const auto *list =
      std::find_if(std::begin(reply.out), std::end(reply.out), [](const wire_value &v) { return v.kind == WIRE_LIST; });
  for (uint32_t i = 0; list != std::end(reply.out) && i < list->len; ++i) {
    wire_value item;
    std::memcpy(&item, area.out(0) + list->off + i * sizeof item, sizeof item);
    gave.push_back(item.num);
  }
}

}  // namespace

// Which of the request's numbers come from a name shows when the name stands for another number.
void BareCalls::keep(Area &area, const CallSpec &spec, const Call &call, const Bindings &names) {
  constexpr uint64_t apart = uint64_t{1} << 40;
  BareCall bare{.spec = &spec, .bytes = bytes_in(area)};
  for (const Origin &origin : origins_) {
    const auto now = names.find(origin.name);
    const auto *number = now == names.end() ? nullptr : now->second.as<Value::Int>();
    if (!number) continue;
    Bindings others = names;
    others[origin.name] = Value::integer(number->value + static_cast<int64_t>(apart));
    if (!encode_call(area, 0, call, others)) continue;
    const std::vector<unsigned char> moved = bytes_in(area);
    for (size_t at = 0; at + sizeof apart <= bare.bytes.size() && moved.size() == bare.bytes.size(); at += sizeof apart)
      if (number_at(moved, at) - number_at(bare.bytes, at) == apart)
        bare.given.push_back({at, origin.giver, origin.place, number->value});
  }
  (void)encode_call(area, 0, call, names);
  calls.push_back(std::move(bare));
}

void BareCalls::made(Area &area, const std::vector<std::string> &names) {
  BareCall &call = calls.back();
  call.error = area.slot(0).reply.error;
  numbers_given(area, call.gave);
  if (call.error != 0) return;
  for (size_t place = 0; place < names.size(); ++place) {
    std::erase_if(origins_, [&](const Origin &o) { return o.name == names[place]; });
    if (!names[place].empty()) origins_.push_back({names[place], calls.size() - 1, place});
  }
}

void put_bare(Area &area, const std::vector<BareCall> &calls, size_t i) {
  const BareCall &call = calls[i];
  wire_call &request = area.slot(0).call;
  unsigned char *data = area.in(0);
  std::memcpy(&request, call.bytes.data(), sizeof request);
  std::copy(call.bytes.begin() + sizeof request, call.bytes.end(), data);
  for (const BareCall::Given &given : call.given) {
    const std::vector<int64_t> &gave = calls[given.giver].gave;
    const int64_t now = given.place < gave.size() ? gave[given.place] : given.then;
    const uint64_t number = number_at(call.bytes, given.at) + static_cast<uint64_t>(now - given.then);
    auto *to = given.at < sizeof request ? reinterpret_cast<unsigned char *>(&request) + given.at
                                         : data + (given.at - sizeof request);
    std::memcpy(to, &number, sizeof number);
  }
}

bool take_bare(Area &area, BareCall &call) {
  numbers_given(area, call.gave);
  return (area.slot(0).reply.error == 0) == (call.error == 0);
}

}  // namespace ipcvet::fuzz
