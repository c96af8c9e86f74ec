// Writes the lines of a capture: what enters and leaves one lane, one line of JSON for each record
// (tools/gateway/README.md, "Captures"). The gateway writes these lines to a file. resflow-replay makes the lines of
// its own run and compares them with the recorded ones, so equal traffic must give equal bytes.
//
// One instance per lane, used on the lane's thread. This class writes text from outside as a JSON string. It copies the
// gateway's own JSON unchanged, except that JSON with a line feed becomes a JSON string. It writes bytes that are not
// UTF-8 in base64, in a property whose name ends in 64.
//
// If a frame goes to several clients in a turn, this class writes it in full only once; later lines name the frame by
// its number in the turn. When the lane sends the same frames to several clients in a row, one line lists all these
// clients. So the line of a send may stay open, for further receivers, until the next line begins.
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
  // If `sealed` is true, each batch begins with a line that has its checksum. A caller that only compares lines does
  // not need that line.
  explicit CaptureLines(LaneId lane, bool sealed = true);

  // ---- what enters

  // `inside`: the message entered during a turn, because the lane called a port.
  void entered(const ParseIn& message, bool inside);
  void entered(const WriteIn& message, bool inside);
  void entered(const ServiceReply& message, bool inside);
  void entered(const ServiceMessage& message, bool inside);
  void entered(const ServiceNotice& notice, bool inside);
  // Records that a turn begins. `now`: the lane's clock, in milliseconds. `us`: microseconds since the capture began.
  void turn(Millis now, std::int64_t us);
  // Records that the lane took these messages out of its mailbox, in this order.
  void took(const MailRuns& runs);

  // ---- what leaves

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

  // Ends the line of a send that is still open, if any, so that text() has whole lines only.
  void finish();
  // Ends the batch (capture_batch.hpp). Returns all lines since the last batch; if `sealed`, the line with the checksum
  // is ahead of the others. The view is valid until the caller clears text(). Clearing text() begins the next batch.
  std::string_view batch();
  bool is_open() const { return open_; }
  // Returns whether a send of these frames would only add a receiver to the open line.
  bool same_as_open(std::span<const Frame> frames) const;
  // Returns the lines since the caller last cleared this buffer. The caller may clear the buffer while no line is open.
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
  // Writes a frame, or only its number if the frame was written earlier in this turn. Returns true if the frame may be
  // sent again in this turn.
  bool frame(const Frame& frame);
  void frame_as_text(const std::string& frame);
  void on(const Connected& m);
  void on(const ClientText& m);
  void on(const WebRequest& m);
  void on(const Disconnected& m);

  LaneId lane_;
  bool sealed_;
  ByteBuffer text_;
  bool open_ = false;  // the last line is a send that may get more receivers
  std::vector<Frame> open_frames_;
  std::size_t turn_frame_count_ = 0;  // frames written in this turn
  // The numbers of the frames that may be sent again in this turn. Each entry keeps its frame alive, so that no other
  // frame gets the same address.
  boost::unordered_flat_map<const std::string*, std::pair<std::size_t, Frame>> turn_frames_;
};

// Returns the text in an uncompressed WebSocket text frame of the gateway; empty for another kind of frame.
std::string_view frame_text(std::string_view frame);

// Ends the line that begins at `start` and has no closing brace yet: adds a checksum of this line, the brace and the
// line feed.
void seal_line(ByteBuffer& text, std::size_t start);
// first_line(): returns the first line of a part of the capture, a JSON object. `header` has the members of that object
// as JSON without the braces (header_members()); the function adds the number of the part. last_line(): returns the
// last line of a part; `how` is "stopped", or "continued" if another part follows. Both lines have a checksum.
std::string first_line(std::string_view header, unsigned part);
std::string last_line(std::string_view how);
// Returns the line without its checksum and its closing brace; nullopt if the checksum is wrong. A line without a
// checksum is returned as it is.
std::optional<std::string_view> unseal_line(std::string_view line);

}  // namespace resflow
