// Numbers, flags, process ids and signals: at the edges of what is allowed, and just beyond.
#include <array>

#include "fuzz/program/arguments_impl.h"
#include "fuzz/program/flags.h"

namespace ipcvet::fuzz {
namespace {

constexpr int64_t no_flag = 0x8000000;  // means nothing to any call
constexpr int64_t nobodys_pid = 999999;
constexpr int64_t much_space = 0x400000000;  // more than a limit of address space allows
constexpr int64_t no_id = 0xffffffff;        // as setresuid() reads it
constexpr int64_t megabyte = 1 << 20;

// Users and groups a Program may become: root, and two who own nothing outside.
constexpr std::array<int64_t, 4> users = {-1, 0, 1001, 1002};

Value joined(Value left, Value right) {
  return {Value::Binary{Value::Op::bits, {std::move(left), std::move(right)}}, {}};
}

Value octal(int64_t n) { return {Value::Int{n, n == 0 ? Value::Base::dec : Value::Base::oct}, {}}; }

Value choose_mode(Random &random) {
  return octal(random.one_of<int64_t>({0600, 0600, 0600, 0644, 0400, 0200, 0, 0777, 0666, 0640, 0060, 0604}));
}

constexpr std::array<int64_t, 18> sizes = {0,    1,    2,    3,    8,     100,   511,   4095,  4096,
                                           4097, 8191, 8192, 8193, 12288, 65535, 65536, 65537, 131072};

Value choose_size(Random &random) {
  if (random.chance(45)) return Value::integer(random.below(17));
  if (random.chance(3)) return Value::name("SIZE_MAX");
  return Value::integer(random.pick(sizes));
}

bool sends(std::string_view call) { return call == "kill" || call == "tgkill" || call == "sigqueue"; }

Value choose_actor(const Position &at, Random &random) { return Value::name(random.pick(at.pool.actors()).name); }

Value fcntl_argument(const Position &at, Random &random) {
  const std::string_view command = command_word(at.call, at.spec);
  if (command == "F_SETFL")
    return random.chance(60)   ? Value::name("O_NONBLOCK")
           : random.chance(60) ? Value::integer(0)
                               : Value::name(random.one_of<const char *>({"O_DIRECT", "O_ASYNC", "O_APPEND"}));
  if (command == "F_SETFD") return random.chance(50) ? Value::name("FD_CLOEXEC") : Value::integer(0);
  if (command.starts_with("F_DUPFD")) return Value::integer(random.one_of<int64_t>({0, 0, 10, 200, 1024, -1}));
  if (command == "F_ADD_SEALS")
    return random.chance(5) ? Value::integer(0x4000) : Value::name(std::string(random.pick(seals)));
  if (command == "F_SETOWN")
    return random.chance(20) ? Value::integer(random.one_of<int64_t>({0, nobodys_pid})) : choose_actor(at, random);
  if (command == "F_SETSIG") return random.chance(30) ? Value::integer(0) : Value::name("SIGUSR1");
  if (command == "F_SETPIPE_SZ")
    return Value::integer(
        random.one_of<int64_t>({0, 1, 4096, 4097, 8192, 8193, 16384, 65536, 65537, 131072, 1048576, 2097152, -1}));
  return Value::any();  // left out
}

// Of a call that is given a small number for an identifier: the commands for which it is an index, so that nobody's
// object is removed.
const char *const *by_index(const Call &call) {
  static constexpr const char *queues[2] = {"MSG_STAT", "MSG_STAT_ANY"}, *segments[2] = {"SHM_STAT", "SHM_STAT_ANY"};
  if (call.args.empty() || !call.args[0].as<Value::Int>() || !is_small_id(call.args[0].as<Value::Int>()->value))
    return nullptr;
  return call.name == "msgctl" ? queues : call.name == "shmctl" ? segments : nullptr;
}

bool is_user(std::string_view name) {
  return name == "owner" || name == "group" || name == "ruid" || name == "euid" || name == "suid" || name == "rgid" ||
         name == "egid" || name == "sgid";
}

bool names_a_size(std::string_view n) {
  return n == "length" || n == "size" || n == "count" || n == "old_length" || n == "new_length";
}

}  // namespace

std::string_view command_word(const Call &call, const CallSpec &spec) {
  for (uint32_t i = 0; i < spec.nargs && i < call.args.size(); ++i)
    if (spec.args[i].domain == "ipc_cmd" || spec.args[i].domain == "fcntl" || spec.args[i].domain == "ioctl")
      return word_of(call.args[i]);
  return {};
}

bool needs_option(const Call &call) {
  const std::string_view command = call.name == "fcntl" && call.args.size() > 1 ? word_of(call.args[1]) : "";
  return command.starts_with("F_SET") || command.starts_with("F_DUPFD") || command == "F_ADD_SEALS";
}

namespace {

// Flags of mmap() for where: over what the Program has mapped, or only where nothing is.
Value with_place(const Position &at, Value flags, Random &random) {
  if (word_of(at.call.args[0]) == "NULL" || random.chance(15)) return flags;
  return joined(std::move(flags), Value::name(random.chance(75) ? "MAP_FIXED" : "MAP_FIXED_NOREPLACE"));
}

Value choose_command(const Position &at, const FlagSet &set, size_t n, Random &random) {
  if (const auto *index = by_index(at.call)) return Value::name(index[random.chance(50) ? 0 : 1]);
  if (random.chance(3)) return Value::integer(random.one_of<int64_t>({-1, 77}));
  return Value::name(std::string(set.words[random.below(n)]));
}

}  // namespace

Value choose_flags(const Position &at, Random &random) {
  const std::string_view call = at.spec.name;
  if (call == "fcntl" && at.arg().name == "arg") return fcntl_argument(at, random);
  const FlagSet *set = flag_set(call, at.arg().name);
  if (!set) return Value::integer(0);
  size_t n = 0;
  while (n < set->words.size() && !set->words[n].empty()) ++n;
  if (set->one_only) return choose_command(at, *set, n, random);
  const auto word = [&] { return Value::name(std::string(set->words[random.below(n)])); };
  Value flags = random.chance(40) ? Value::integer(0) : word();
  const bool prot_or_map = call == "mmap" || call == "mprotect";
  if (prot_or_map && random.chance(70)) flags = word();
  for (int more = 0; more < 2 && random.chance(40); ++more) flags = joined(std::move(flags), word());
  if (call == "mmap" && at.arg().name == "flags") flags = with_place(at, std::move(flags), random);
  if (call == "msgget" || call == "shmget") flags = joined(std::move(flags), choose_mode(random));
  if (random.chance(2) && !call.starts_with("mknod")) flags = joined(std::move(flags), Value::integer(no_flag));
  return flags;
}

Value choose_signal(const Position &at, Random &random) {
  if (random.chance(4)) return Value::integer(random.one_of<int64_t>({0, 0, 65, -1}));
  const std::string_view signal = random.pick(signals);
  return Value::name(sends(at.spec.name) && signal == "SIGXFSZ" ? "SIGUSR2" : std::string(signal));
}

Value choose_process(const Position &at, Random &random) {
  const std::string_view call = at.spec.name;
  if (call == "kill" || call == "waitpid" || call == "setpgid") {
    if (random.chance(6)) return Value::integer(random.one_of<int64_t>({0, -1, INT32_MIN, -nobodys_pid}));
    if (random.chance(10)) return group_of(choose_actor(at, random));
  }
  if (!sends(call) && random.chance(35)) return Value::integer(random.one_of<int64_t>({-1, -1, 0, nobodys_pid}));
  if (random.chance(4)) return Value::integer(call == "tgkill" ? -1 : nobodys_pid);
  return choose_actor(at, random);
}

Value choose_number(const Position &at, Random &random) {
  const std::string_view name = at.arg().name, call = at.spec.name;
  if (call == "mmap" && name == "length" && random.chance(2)) return Value::integer(much_space);
  if (at.arg().kind == ArgKind::SIZE) return choose_size(random);
  if (is_user(name)) return Value::integer(random.pick(users));
  if (name == "expected") return Value::integer(random.one_of<int64_t>({0, 0, 0, 1}));
  if (name == "waiters") return Value::integer(random.one_of<int64_t>({1, 1, 2, INT32_MAX}));
  if (name == "project") return Value::integer(random.one_of<int64_t>({65, 65, 66}));
  if (name == "mode" || name == "mask") return choose_mode(random);
  if (name == "key")
    return random.chance(60) ? Value::name("IPC_PRIVATE") : Value::integer(random.one_of<int64_t>({1001, 1002}));
  if (name == "timeout") return Value::integer(random.chance(70) ? 0 : -1);
  if (name == "type") return Value::integer(random.one_of<int64_t>({0, 0, 1, 2, 3, -1, -2, -3, 5}));
  if (name == "length")
    return Value::integer(random.one_of<int64_t>({0, 1, 100, 4095, 4096, 4096, 4097, 8192, 8192, 65536, -1}));
  if (name == "offset")
    return Value::integer(call == "mmap" ? random.one_of<int64_t>({0, 0, 0, 4096, 1, -4096})
                                         : random.one_of<int64_t>({0, 0, 1, 100, 4095, 4096, 8192, -1}));
  if (name == "status") return Value::integer(random.one_of<int64_t>({0, 1, 7, 128, 255, 256, 263, 512, -1}));
  if ((call == "select" || call == "pselect") && name == "nfds")
    return Value::integer(random.one_of<int64_t>({64, 64, 64, 1024, 5, 0, -1}));
  if (name == "iovcnt" || name == "nfds" || name == "maxevents")
    return Value::integer(random.one_of<int64_t>({1, 1, 2, 2, 0, 3, -1}));
  if (name == "dev" || name == "value" || name == "on") return Value::integer(random.below(2));
  return Value::integer(random.below(3));
}

// What ends a process with a dump is acted upon after other threads may have gone on.
bool signal_fits(const Position &at, const Value &v) {
  return signal_fits(v) && !(sends(at.spec.name) && word_of(v) == "SIGXFSZ");
}

bool signal_fits(const Value &v) {
  if (const auto *i = v.as<Value::Int>()) return i->value == 0 || i->value == 65 || i->value == -1;
  return std::find(signals.begin(), signals.end(), word_of(v)) != signals.end();
}

Value group_of(Value actor) { return {Value::Binary{Value::Op::sub, {Value::integer(0), std::move(actor)}}, {}}; }

bool is_small_id(int64_t n) { return n >= 0 && n < 4; }

bool user_fits(int64_t n) { return n == no_id || std::find(users.begin(), users.end(), n) != users.end(); }

namespace {

bool open_flags_fit(int64_t n) {
  const auto flag = [](const char *name) { return find_constant(name)->value; };
  const bool temporary = (n & 020000000) != 0;  // O_TMPFILE
  return !temporary && ((n & flag("O_DIRECTORY")) == 0 || (n & flag("O_CREAT")) == 0);
}

// MAP_FIXED takes the place of what is there: only inside a mapping of the Program's own, which the length fits into.
bool map_flags_fit(const Position &at, int64_t n) {
  const auto flag = [](const char *name) { return find_constant(name)->value; };
  const int64_t known = flag("MAP_SHARED_VALIDATE") | flag("MAP_ANONYMOUS") | flag("MAP_NORESERVE") | flag("MAP_SYNC") |
                        flag("MAP_FIXED") | flag("MAP_FIXED_NOREPLACE");
  if ((n & ~known) != 0) return false;
  return (n & flag("MAP_FIXED")) == 0 || room(at) > 0;
}

bool attach_flags_fit(const Position &at, int64_t n) {
  if ((n & find_constant("SHM_REMAP")->value) == 0) return true;
  const Resource *segment = at.pool.resource(word_of(at.call.args[0]));
  return segment && whole_pages(segment->bytes) <= room(at);
}

bool flags_fit(const Position &at, int64_t n) {
  const std::string_view name = at.arg().name, call = without_at(at.spec.name);
  if (n > 0 && call != "mknod") n &= ~no_flag;
  if (call == "mknod") {  // a FIFO, or what cannot be made so
    const int64_t type = n & 0170000;
    return (n & ~int64_t{0170777}) == 0 && type != 0 && type != 0100000 && type != 0140000 && type != 060000;
  }
  if (call == "fallocate") return n >= 0 && n < 16;
  if (call == "mmap" && name == "flags") return map_flags_fit(at, n);
  if (name == "prot") return n >= 0 && n < 4;
  if (call == "mremap") return n >= 0 && n <= 2;
  if (call == "shmat") return word_of(at.call.args[1]) == "NULL" || attach_flags_fit(at, n);
  if (call == "shmget") return (n & ~int64_t{013777}) == 0;
  if (call == "open") return open_flags_fit(n);
  if (call == "close_range") return n >= 0 && n <= 7;
  return true;
}

// A command or the like: what is not known is fine where no command has such a number.
bool command_fits(const Position &at) {
  const std::string_view call = at.spec.name, word = word_of(at.call.args[at.i]);
  const FlagSet *set = flag_set(call, at.arg().name);
  const auto *number = at.call.args[at.i].as<Value::Int>();
  const bool unknown = number && (number->value == -1 || number->value == 77);
  if (const auto *index = by_index(at.call)) return word == index[0] || word == index[1];
  if (unknown) return true;
  return !word.empty() && std::find(set->words.begin(), set->words.end(), word) != set->words.end();
}

bool identifier_fits(const Position &at, int64_t n) {
  const std::string_view call = at.spec.name;
  const bool takes_index = call == "msgctl" || call == "shmctl" || call.ends_with("info");
  return n == -1 || n == INT32_MAX || (takes_index && is_small_id(n));
}

bool descriptor_number_fits(const Position &at, int64_t n) {
  const bool directory = at.arg().name == "dirfd" && n == -100;  // AT_FDCWD
  const bool free = n >= 64 && n < 300;                          // nothing of the actor's own lies there
  if (at.spec.name == "close_range") return free;
  return directory || free || n == -1 || n == INT32_MAX || n == 1024 || n == 9999;
}

bool process_number_fits(const Position &at, int64_t n) {
  const std::string_view call = at.spec.name;
  if (n == nobodys_pid || n == -nobodys_pid) return true;
  if (n == INT32_MIN) return call == "kill" || call == "waitpid";
  return (n == 0 || n == -1) && call != "sigqueue";  // kill() then means no more than the sandbox, or is not made
}

}  // namespace

bool number_fits(const Position &at, int64_t n) {
  const std::string_view name = at.arg().name, call = at.spec.name;
  const ArgKind kind = at.arg().kind;
  if (kind == ArgKind::PID) return process_number_fits(at, n);
  if (kind == ArgKind::FD) return name == "id" ? identifier_fits(at, n) : descriptor_number_fits(at, n);
  if (kind == ArgKind::FLAGS)
    if (const FlagSet *set = flag_set(call, name); set && set->one_only) return command_fits(at);
  if (kind == ArgKind::FLAGS) return flags_fit(at, n);
  if (kind == ArgKind::SIZE || names_a_size(name))
    return n <= megabyte || n >= int64_t{1} << 62 || (call == "mmap" && n == much_space);
  if (is_user(name)) return user_fits(n);
  if (name == "timeout") return n == 0 || n == -1;
  if (name == "mode" || name == "mask") return n >= 0 && n <= 07777;
  if (name == "key") return n == 0 || n == 1001 || n == 1002;
  if (name == "status") return n >= -1 && n <= 65535;
  const std::string_view command = command_word(at.call, at.spec);
  if (call == "fcntl" && command == "F_SETPIPE_SZ") return n <= 2 * megabyte;
  if (call == "fcntl" && command == "F_SETOWN") return n == 0 || n == nobodys_pid;
  if (call == "fcntl" && command == "F_SETSIG") return n == 0 || n == find_constant("SIGUSR1")->value;
  if (name == "fds" || name == "iovcnt" || name == "nfds" || name == "maxevents") return n >= -1 && n <= 1025;
  return true;
}

}  // namespace ipcvet::fuzz
