#include "reports/json_place.h"

namespace ipcvet {
namespace {

constexpr size_t most_unfolded = size_t{512} << 20;  // bytes of data in all, runs written out

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string from_hex(const Place &place) {
  const auto *s = place.present() ? place.json()->get_ptr<const std::string *>() : nullptr;
  if (!s || s->size() % 2 != 0) return place.fail("is no hexadecimal text"), "";
  std::string out;
  for (size_t i = 0; i < s->size(); i += 2) {
    const int high = digit((*s)[i]), low = digit((*s)[i + 1]);
    if (high < 0 || low < 0) return place.fail("is no hexadecimal text"), "";
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

}  // namespace

void Place::fail(const std::string &what) const {
  if (ok()) shared_->error = {path_, what};
}

Place Place::operator[](const char *key) const {
  const Json *found = nullptr;
  if (is_object())
    if (auto it = json_->find(key); it != json_->end()) found = &*it;
  return {found, path_.empty() ? key : path_ + "." + key, *shared_};
}

std::string Place::text() const {
  if (!present()) return "";
  if (const auto *s = json_->get_ptr<const std::string *>()) return *s;
  if (is_object() && json_->contains("hex")) return from_hex((*this)["hex"]);
  fail("is no text");
  return "";
}

std::string Place::required_text() const {
  if (!present()) fail("is missing");
  return text();
}

int64_t Place::number(int64_t low, int64_t high) const {
  if (!present()) return 0;
  if (!json_->is_number_integer()) return fail("is no integer"), 0;
  const auto *u = json_->get_ptr<const Json::number_unsigned_t *>();
  if (u && *u > static_cast<uint64_t>(INT64_MAX)) return fail("is too large"), 0;
  const auto n = json_->get<int64_t>();
  if (n < low || n > high) return fail("is out of range"), 0;
  return n;
}

double Place::real() const {
  if (!present()) return 0;
  if (!json_->is_number()) return fail("is no number"), 0.0;
  return json_->get<double>();
}

bool Place::flag() const {
  if (!present()) return false;
  if (const auto *b = json_->get_ptr<const bool *>()) return *b;
  fail("is neither true nor false");
  return false;
}

bool Place::unfold(size_t bytes) const {
  shared_->unfolded += bytes;
  if (shared_->unfolded > most_unfolded) fail("unfolds to too many bytes");
  return ok();
}

}  // namespace ipcvet
