// A value as a case writes it, or as a call returned it.
//
// One type serves both sides: what a case expects is a Value with names, `_`, ranges and operators; what
// happened is a Value of integers, bytes, lists, records and errors only. Matching the one against
// the other is the judge's work. Values compare by structure; positions do not count.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "harness/case/shared_text.h"

namespace ipcvet {

// Where a piece of a case file begins; both count from 1, columns in bytes.
struct Pos {
  uint32_t line = 0;
  uint32_t col = 0;
  bool operator==(const Pos &) const = default;
};

struct Field;

struct Value {
  enum class Base : uint8_t { dec, oct, hex };
  enum class Op : char { mul = '*', add = '+', sub = '-', bits = '|', range = '.' };

  struct Any {
    bool operator==(const Any &) const = default;
  };
  struct Observe {
    std::string name;
    bool operator==(const Observe &) const = default;
  };
  struct Name {
    std::string text;  // a constant, a bound name, an actor, a column, NULL, bad, now, ...
    bool operator==(const Name &) const = default;
  };
  struct Int {
    int64_t value = 0;
    Base base = Base::dec;  // how it is written; printed the same way
    bool operator==(const Int &) const = default;
  };
  struct Bytes {
    SharedText bytes;
    bool operator==(const Bytes &) const = default;
  };
  struct Error {
    std::string name;  // "EAGAIN": the call returned -1 and set this errno
    bool operator==(const Error &) const = default;
  };
  struct List {
    std::vector<Value> items;
    bool operator==(const List &) const;
  };
  struct Record {
    std::vector<Field> fields;
    bool operator==(const Record &) const;
  };
  struct Binary {
    Op op{};
    std::vector<Value> sides;  // always two
    bool operator==(const Binary &) const;
  };

  using Node = std::variant<Any, Observe, Name, Int, Bytes, Error, List, Record, Binary>;
  Node node;  // Any, if nothing is said; no initialiser, because Field is not complete here
  Pos pos{};

  bool operator==(const Value &other) const { return node == other.node; }

  template <typename T>
  const T *as() const {
    return std::get_if<T>(&node);
  }
  template <typename T>
  T *as() {
    return std::get_if<T>(&node);
  }

  static Value any();
  static Value integer(int64_t v);
  static Value bytes(std::string b);
  static Value name(std::string n);
  static Value error(std::string n);
  static Value list(std::vector<Value> items);
  static Value record(std::vector<Field> fields);
};

struct Field {
  std::string name;
  Value value;
  bool operator==(const Field &) const = default;
};

}  // namespace ipcvet
