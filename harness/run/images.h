// The actor programs: those ipcvet carries inside itself, and what it takes to run one here.
//
// An image of this machine runs by itself. One of another machine is run by qemu's user emulator, found when a run
// starts; the fork server then is this machine's own actor, and every root actor goes on in the other image.
#pragma once

#include <array>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/actor/wire.h"
#include "harness/run/fd.h"

namespace ipcvet {

// An image that exec(actor_NAME), --actor NAME and the target abi:NAME mean.
struct Abi {
  std::string_view name;  // "s390x"
  wire_image image;
  std::string_view what;                   // "64-bit, big-endian, glibc"
  std::string_view compiler;               // what the build needs for it
  std::span<const unsigned char> program;  // empty: this build has none
};
const std::vector<Abi> &abis();
const Abi *find_abi(std::string_view name);
std::span<const unsigned char> embedded_actor();

// The machine a program file was made for, from its first bytes.
struct Machine {
  std::string emulator;  // "qemu-s390x": what runs it on another machine; empty if no such is known
  bool own = false;      // this machine's processor runs it without
};
std::expected<Machine, std::string> machine_of(std::span<const unsigned char> head);

// An emulator's file from PATH, as NAME or NAME-static.
Fd find_emulator(const std::string &name);

// What is missing to run an actor of this kind here, as a sentence; empty if nothing.
std::string lack_of(const Abi &abi);

// The program files actors are made of, open for reading and executable.
struct Images {
  std::array<Fd, WIRE_IMAGES> program, runner;  // by wire_image; [0] is the actor itself, others may be absent
  Fd server;                                    // the fork server, where the actor itself cannot be it
  std::string platform;                         // "qemu-user 7.2.22" where an emulator runs the actor
};
// The embedded images. `actor` is what actor to use instead of this machine's: the name of an Abi or a path.
std::expected<Images, std::string> open_images(const std::string &actor);

}  // namespace ipcvet
