// `ipcvet calls`: every call a case can make, from the tables the program itself works with.
#include <CLI/CLI.hpp>
#include <memory>

#include "harness/case/text.h"
#include "harness/cli/cli.h"
#include "harness/mechanism/table.h"

namespace ipcvet::cli {
namespace {

std::string signature(const CallSpec &call) {
  std::string text = std::string(call.name) + "(";
  for (uint32_t i = 0; i < call.nargs; ++i) {
    const ArgSpec &arg = call.args[i];
    bool optional = arg.kind == ArgKind::OPT_INT || arg.kind == ArgKind::OPT_FLAGS;
    text += (i ? ", " : "") + (optional ? "[" + std::string(arg.name) + "]" : std::string(arg.name));
  }
  return text + ")";
}

std::string_view result(Ret returns) {
  switch (returns) {
    case Ret::ZERO:
      return "0";
    case Ret::INT:
      return "n";
    case Ret::COUNT:
      return "count";
    case Ret::FD:
      return "descriptor";
    case Ret::ID:
      return "identifier";
    case Ret::PID:
      return "process";
    case Ret::ADDR:
      return "address";
    case Ret::SIGNAL:
      return "signal";
    case Ret::ACTOR:
      return "Actor";
    case Ret::NEVER:
      return "?";
  }
  return "";
}

// mem_store, mem_load and stress are how the language's own steps travel.
bool callable(const CallSpec &call) { return !call.name.starts_with("mem_") && call.name != "stress"; }

std::string plain(const CallSpec &call) {
  std::string text = "  " + signature(call) + " = " + std::string(result(call.returns));
  constexpr size_t column = 64;
  text += text.size() < column ? std::string(column - text.size(), ' ') : "\n" + std::string(column, ' ');
  return text + std::string(call.brief) + "\n";
}

std::string markdown(const CallSpec &call) {
  std::string brief;
  for (char c : call.brief) brief += c == '|' ? "\\|" : std::string(1, c);
  return "| `" + signature(call) + "` | `" + std::string(result(call.returns)) + "` | " + brief + " |\n";
}

std::string records_page() {
  std::string text = "\n## Records\n\n| record | fields |\n| --- | --- |\n";
  for (const RecordSpec &record : records()) {
    text += "| " + std::string(record.name) + " | ";
    for (uint32_t i = 0; i < record.nfields; ++i)
      text += (i ? ", " : "") + ("`" + std::string(record.fields[i].name) + "`");
    text += " |\n";
  }
  return text;
}

std::string page() {
  std::string text =
      "# Calls\n\nEvery call a case can make, as `ipcvet calls --markdown` prints it. A call keeps its C signature; "
      "what it\n"
      "fills in is written in its place, and an argument in brackets may be left out.\n";
  std::string_view mechanism;
  for (const CallSpec &call : calls()) {
    if (!callable(call)) continue;
    if (call.mechanism != mechanism)
      text += "\n## " + std::string(call.mechanism) + "\n\n| call | returns | |\n| --- | --- | --- |\n";
    mechanism = call.mechanism;
    text += markdown(call);
  }
  return text + records_page();
}

int print_calls(const std::vector<std::string> &globs) {
  std::string text;
  std::string_view mechanism;
  for (const CallSpec &call : calls()) {
    bool wanted = globs.empty();
    for (const std::string &glob : globs)
      wanted = wanted || glob_matches(glob, call.name) || glob_matches(glob, call.mechanism);
    if (!wanted || !callable(call)) continue;
    if (call.mechanism != mechanism) text += std::string(call.mechanism) + "\n";
    mechanism = call.mechanism;
    text += plain(call);
  }
  out(text);
  return text.empty() ? exit_nothing : exit_expected;
}

}  // namespace

void add_calls(CLI::App &app, int &status) {
  struct Options {
    std::vector<std::string> globs;
    bool markdown = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand("calls", "list the calls a case can make");
  command->add_flag("--markdown", options->markdown, "all of them, with the records, as a page");
  command->add_option("names", options->globs, "only these calls or mechanisms")->type_name("GLOB");
  command->callback([options, &status] {
    status = options->markdown ? (out(page()), static_cast<int>(exit_expected)) : print_calls(options->globs);
  });
}

}  // namespace ipcvet::cli
