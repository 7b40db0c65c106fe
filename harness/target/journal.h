// The journal of a run: what it found out, told line by line while it goes on, so that what was finished survives a
// kernel that panics.
//
// It may share its channel with a console. So each frame is one line with a mark, a length and a checksum, and its
// payload has no control characters; what the kernel prints between frames is console text, and a frame that it prints
// into is noticed as broken and never taken for a result. Pure: no system call here.
//
//   @ipcvet KIND LENGTH CRC32 PAYLOAD
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ipcvet {

struct Frame {
  enum class Kind : uint8_t {
    system,   // the record's `system`, as far as it is known by now; a later one replaces it
    begin,    // the instance that is started
    result,   // one of the record's `cases`
    trouble,  // why it could not be run, in words
    end,      // the exit status and how many results there were
  };
  Kind kind = Kind::end;
  std::string payload{};
  bool operator==(const Frame &) const = default;
};

uint32_t crc32(std::string_view bytes);

// The line of a frame, with its end. The payload is one line of text (JSON has no other).
std::string frame_line(Frame::Kind kind, std::string_view payload);

// Payload of an end.
struct JournalEnd {
  int status = 0;
  size_t results = 0;
  bool operator==(const JournalEnd &) const = default;
};
std::string end_text(const JournalEnd &end);
std::optional<JournalEnd> parse_end(std::string_view text);

// Takes frames out of a stream that comes in pieces.
class JournalReader {
 public:
  struct Receiver {
    std::function<void(Frame)> frame{};
    std::function<void(std::string_view)> console{};  // a line that is none, or what was around one
  };
  explicit JournalReader(Receiver receiver) : receiver_(std::move(receiver)) {}

  void feed(std::string_view bytes);
  void finish();  // the stream has ended; a line without an end is a line, too
  size_t broken() const { return broken_; }

 private:
  void line(std::string_view text);

  Receiver receiver_;
  std::string held_{};
  bool overlong_ = false;
  size_t broken_ = 0;
};

}  // namespace ipcvet
