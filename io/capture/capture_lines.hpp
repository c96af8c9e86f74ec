// Writes the lines of a capture (a recording of the gateway's traffic). Each message that enters or leaves one lane (a
// thread of the gateway) becomes one line of JSON (tools/gateway/README.md, "Captures"). The gateway writes the lines
// to a file. resflow-replay gives the recorded messages to the lanes again, writes new lines, and compares them with
// the recorded ones. So the same traffic must always give the same bytes.
//
// One instance per lane, used on the lane's thread. Text from outside is written as a JSON string. JSON that the
// gateway has made is copied unchanged, except that JSON with a line feed becomes a JSON string. Bytes that are not
// UTF-8 are written in base64, in a property whose name ends in 64.
//
// A frame may go to several clients in one turn (one run of the lane). It is written in full only once; later lines
// refer to it by its number in the turn. If the same frames go to several clients in a row, one line lists all these
// clients. So the end of a line about sent frames is not written at once: the line stays open, so that further clients
// can be added to it. Its end is written when the next line begins.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/capture/byte_buffer.hpp"
#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"
#include "nodes/tap.hpp"

namespace resflow {

inline constexpr unsigned kCaptureVersion = 3;

class CaptureLines {
 public:
  // If `sealed` is true, a line with a checksum precedes each batch of lines. A caller that only compares lines does
  // not need the checksums.
  explicit CaptureLines(LaneId lane, bool sealed = true);

  // ---- Functions that record what enters the lane.

  // entered(): records a message that entered the lane. `inside` is true if the lane was in a turn (one run of the
  // lane), and a ClientPort or ServicePort function that it had called gave it this message before returning.
  void entered(const ParseIn& message, bool inside);
  void entered(const WriteIn& message, bool inside);
  void entered(const ServiceReply& message, bool inside);
  void entered(const ServiceMessage& message, bool inside);
  void entered(const ServiceNotice& notice, bool inside);
  // Records that a turn (one run of the lane) begins. `now`: the time of the lane's clock, in milliseconds. `us`:
  // microseconds since the capture began.
  void turn(Millis now, std::int64_t us);
  // Records that the lane took items (each one or more messages) out of its mailbox. `runs`: how many consecutive items
  // came from the same sender (NATS or another lane), in the order in which the lane took them.
  void took(const MailRuns& runs);

  // ---- Functions that record what leaves the lane.

  void sent(ConnId conn, std::span<const Frame> frames);
  void refused(ConnId conn);
  void closed(ConnId conn, const CloseReason& reason);
  void accepted(ConnId conn, const Headers& headers);
  void responded(ConnId conn, const WebResponse& response);
  void paused(ConnId conn);
  void resumed(ConnId conn);
  void requested(ServiceRequestId id, std::string_view subject, std::string_view payload);
  void subscribed(SubscriptionHandle handle, std::string_view subject);
  void unsubscribed(SubscriptionHandle handle);

  // Completes the last line. A line about sent frames stays open until then, since further clients may be added to it.
  // After finish(), text() has only complete lines.
  void finish();
  // Ends the current batch of lines (capture_batch.hpp), and returns it. If `sealed` was true in the constructor, the
  // batch begins with a line that has the checksum of the other lines. The caller clears text() to begin the next
  // batch; until then, the returned view is valid.
  std::string_view batch();
  bool is_open() const { return open_; }
  // Returns whether the last line is open (further clients can be added to it) and its frames are exactly `frames`. If
  // so, sent() adds the client to that line, and writes no new line.
  bool same_as_open(std::span<const Frame> frames) const;
  // Returns the buffer with all lines that were written since the buffer was last cleared. The caller may clear it
  // after finish().
  ByteBuffer& text() { return text_; }

 private:
  template <std::size_t N>
  void begin(const char (&opening)[N]);
  void end();
  void end(bool inside);
  template <std::size_t N>
  void key(const char (&name)[N]);
  template <std::size_t N>
  void string(const char (&name)[N], std::string_view value);
  template <std::size_t N>
  void json(const char (&name)[N], std::string_view value);
  template <std::size_t N>
  void number(const char (&name)[N], std::uint64_t value);
  void conn(ConnId id);
  void headers(const Headers& headers);
  void headers(const std::vector<HeaderView>& headers);
  void client(const ClientInfo& info);
  // Writes the content of a frame, or only its number if an earlier line of this turn (run of the lane) has the
  // content. Returns false if the frame goes to only one client: then no later line needs its number.
  bool frame(const Frame& frame);
  void frame_as_text(const std::string& frame);
  void on(const Connected& m);
  void on(const ClientText& m);
  void on(const WebRequest& m);
  void on(const Disconnected& m);

  LaneId lane_;
  bool sealed_;
  ByteBuffer text_;
  // True: the last line is about frames that were sent to clients, and its end is not written yet. If the next client
  // gets the same frames, it is added to this line.
  bool open_ = false;
  std::vector<Frame> open_frames_;
  std::size_t turn_frame_count_ = 0;  // frames written in this turn
  // The frames that were written in this turn, except those for only one client. If such a frame is sent to another
  // client in the same turn, only its number is written. The key is the address of a frame; the value is its number and
  // a pointer that keeps the frame alive, so that no other frame gets the same address.
  boost::unordered_flat_map<const std::string*, std::pair<std::size_t, Frame>> turn_frames_;
};

// Returns the text in an uncompressed WebSocket text frame from the gateway; empty if the frame is of another kind.
std::string_view frame_text(std::string_view frame);

// Completes a line that still lacks its closing brace: adds a checksum, the brace and a line feed. The line is the end
// of `text`, from the position `start` on.
void seal_line(ByteBuffer& text, std::size_t start);
// first_line(): returns the first line of a part (one file of the capture), a JSON object. `header` is the inside of
// this object, without the braces. first_line() adds the number of the part. last_line(): returns the last line of a
// part. `how` is "continued" if another part follows, and "stopped" if not. Both lines have a checksum.
std::string first_line(std::string_view header, unsigned part);
std::string last_line(std::string_view how);
// Removes the checksum from a line, together with the closing brace behind it. Returns the rest of the line; nullopt if
// the checksum is wrong. A line without a checksum is returned unchanged.
std::optional<std::string_view> unseal_line(std::string_view line);

}  // namespace resflow
