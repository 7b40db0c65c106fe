// Between values and the wire: what a case gives a call, as the actor reads it, and what the actor
// answers, as a value. Driven by the call table; knows nothing of particular calls beyond it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "harness/case/case.h"
#include "harness/judge/judge.h"
#include "harness/mechanism/known_numbers.h"
#include "harness/mechanism/table.h"
#include "harness/run/area.h"

namespace ipcvet {

// The constants of the system under test, as its actor told them.
Constants area_constants(const Area &area);
// A signal by the number it has in the actors: SIGRTMIN is another one for another libc.
std::string signal_name(const Area &area, int number);

// Why a call cannot be given to the actor.
struct EncodeError {
  bool missing = false;  // something this system or sandbox does not have: the case is skipped
  std::string why;
};

// Writes the request for `call` into the slot (not posted). The result is the arguments as resolved: actual values for
// inputs, `_` for outputs.
std::expected<std::vector<Value>, EncodeError> encode_call(Area &area, uint32_t slot, const Call &call,
                                                           const Bindings &bindings);
// The same where the call's entry in the table is known, and perhaps some of its arguments.
std::expected<std::vector<Value>, EncodeError> encode_call(Area &area, uint32_t slot, const CallSpec &spec,
                                                           const Call &call, const Bindings &bindings,
                                                           const KnownNumbers &known = {});

// What the slot's answer says.
Value decode_result(const Area &area, uint32_t slot, const CallSpec &spec);
// The arguments after the call: outputs decoded, inputs as in `resolved`.
std::vector<Value> decode_args(const Area &area, uint32_t slot, const CallSpec &spec, std::vector<Value> resolved);

// A logged handler run as a siginfo record.
Value decode_signal(const wire_signal &signal);

// The program of a stress role, into the slot's request.
std::expected<void, EncodeError> encode_role(Area &area, uint32_t slot, const Role &role, const Bindings &bindings,
                                             bool leave);

}  // namespace ipcvet
