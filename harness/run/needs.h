// What the system under test can do, probed and never inferred from a version or a user id.
//
// A capability is either a fact of the sandbox (needs with a built-in answer, below) or a probe case of its own,
// cases/needs/<name>.ipc: it is there if the probe passes; if not, the probe's first deviation is the reason.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/case/case.h"
#include "harness/run/sequencer.h"

namespace ipcvet {

// The capabilities asked for: name, and "" if it is there, else why not.
using Capabilities = std::map<std::string, std::string>;

// `probes` are the probe cases by capability name; a need with neither probe nor built-in answer is missing.
Capabilities probe_needs(Server &server, const Images &images, const std::set<std::string> &needs,
                         const std::vector<Case> &probes, const SequencerOptions &options, RunStats &stats);

}  // namespace ipcvet
