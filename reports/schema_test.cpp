// The published schema is true: what is written validates, and says nothing the schema does not know.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/json.h"
#include "reports/sample.h"

using namespace ipcvet;

namespace {

using Json = nlohmann::json;

Json schema() {
  std::ifstream file(IPCVET_RECORD_SCHEMA);
  return Json::parse(file);
}

// The part of JSON Schema that record-1.json uses. The first thing wrong, or nothing. Stricter in one point:
// fields without an entry are wrong, because we write them ourselves.
class Validator {
 public:
  explicit Validator(const Json &root) : root_(root) {}

  std::string check(const Json &value, const Json &rules, const std::string &path) const {
    if (rules.contains("$ref")) return check(value, resolve(rules["$ref"]), path);
    if (rules.contains("anyOf")) return any_of(value, rules["anyOf"], path);
    if (rules.contains("const") && value != rules["const"]) return path + " is not " + rules["const"].dump();
    if (rules.contains("enum") && std::find(rules["enum"].begin(), rules["enum"].end(), value) == rules["enum"].end())
      return path + " is none of " + rules["enum"].dump();
    if (rules.contains("type") && !has_type(value, rules["type"]))
      return path + " is not of type " + rules["type"].dump();
    if (value.is_object()) return object(value, rules, path);
    if (value.is_array() && rules.contains("items")) return array(value, rules["items"], path);
    return "";
  }

 private:
  const Json &resolve(const std::string &reference) const { return root_.at(Json::json_pointer(reference.substr(1))); }
  static bool has_type(const Json &value, const Json &type) {
    if (type.is_array())
      return std::any_of(type.begin(), type.end(), [&](const Json &one) { return has_type(value, one); });
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "integer" && value.is_number_integer()) ||
           (type == "number" && value.is_number()) || (type == "boolean" && value.is_boolean()) ||
           (type == "null" && value.is_null());
  }
  std::string any_of(const Json &value, const Json &choices, const std::string &path) const {
    std::string why;
    for (const Json &choice : choices) {
      why = check(value, choice, path);
      if (why.empty()) return "";
    }
    return why;
  }
  std::string object(const Json &value, const Json &rules, const std::string &path) const {
    for (const Json &name : rules.value("required", Json::array()))
      if (!value.contains(name.get<std::string>())) return path + " has no " + name.get<std::string>();
    for (const auto &[name, field] : value.items()) {
      const Json *rule = nullptr;
      if (rules.contains("properties") && rules["properties"].contains(name)) rule = &rules["properties"][name];
      if (!rule && rules.contains("additionalProperties")) rule = &rules["additionalProperties"];
      if (!rule) return path + "." + name + " is not in the schema";
      if (std::string why = check(field, *rule, path + "." + name); !why.empty()) return why;
    }
    return "";
  }
  std::string array(const Json &value, const Json &items, const std::string &path) const {
    for (size_t i = 0; i < value.size(); ++i)
      if (std::string why = check(value[i], items, path + "[" + std::to_string(i) + "]"); !why.empty()) return why;
    return "";
  }

  const Json &root_;
};

Json sample() {
  std::ostringstream out;
  Record record = sample_record();
  record.cases[0].verdict.reason = "\xff";
  record.cases[2].history.has_counter = true;
  record.cases.push_back(record.cases[2]);
  record.cases.back().history.stress[0].records.assign(2001, {3, 1, 0, 16});
  Event e;
  e.guard_broken = true;
  e.args = {Value::record({{"mtype", Value::integer(1)}}),
            Value::error("EAGAIN"),
            Value::name("jumped"),
            Value::bytes("\xff"),
            Value::bytes(std::string(9999, 'x')),
            {Value::Int{8, Value::Base::oct}, {}},
            {Value::Observe{"n"}, {}},
            {Value::Binary{Value::Op::range, {Value::integer(1), Value::integer(2)}}, {}}};
  record.cases[0].history.events.push_back(e);
  record.cases[2].history.stress[0].trouble.push_back(e);
  write_json(out, record);
  return Json::parse(out.str());
}

std::string problem(const Json &record) {
  const Json rules = schema();
  return Validator(rules).check(record, rules, "record");
}

}  // namespace

TEST_CASE("what is written validates") { CHECK(problem(sample()) == ""); }

TEST_CASE("the validator sees what is wrong") {
  Json record = sample();
  record["cases"][0]["verdict"] = "passed";
  CHECK(problem(record).starts_with("record.cases[0].verdict is none of"));
  record = sample();
  record["cases"][0].erase("id");
  CHECK(problem(record) == "record.cases[0] has no id");
  record = sample();
  record["cases"][1]["history"][0]["added"] = 1;
  CHECK(problem(record) == "record.cases[1].history[0].added is not in the schema");
  record = sample();
  record["system"]["cpus"] = "two";
  CHECK(problem(record) == "record.system.cpus is not of type \"integer\"");
}
