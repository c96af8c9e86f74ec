// Writes the lines of a capture (a recording of the gateway's traffic). Each message that enters or leaves one lane (a
// thread of the gateway) becomes one line of JSON (tools/gateway/README.md, "Captures"). The gateway writes the lines
// to a file. resflow-replay plays the messages that entered, makes lines of its own, and compares them with the
// recorded lines. So equal traffic must give equal bytes.
//
// One instance per lane, used on the lane's thread. This class writes text from outside as a JSON string. It copies the
// gateway's own JSON unchanged, except that JSON with a line feed becomes a JSON string. It writes bytes that are not
// UTF-8 in base64, in a property whose name ends in 64.
//
// If a frame goes to several clients in one turn (one run of the lane), this class writes it in full only once. Later
// lines name the frame by its number in the turn. When the lane sends the same frames to several clients in a row, one
// line lists all these clients. So a line about sent frames stays open for further clients until the next line begins.
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
  // If `sealed` is true, each batch of lines begins with a line that has the checksum of the batch. A caller that only
  // compares lines does not need the checksum.
  explicit CaptureLines(LaneId lane, bool sealed = true);

  // ---- What enters the lane.

  // entered(): records a message that entered the lane. `inside`: the message entered in the middle of a turn (one run
  // of the lane), while the lane called one of its ports (ClientPort, ServicePort).
  void entered(const ParseIn& message, bool inside);
  void entered(const WriteIn& message, bool inside);
  void entered(const ServiceReply& message, bool inside);
  void entered(const ServiceMessage& message, bool inside);
  void entered(const ServiceNotice& notice, bool inside);
  // Records that a turn of the lane begins. `now`: the time of the lane's clock, in milliseconds. `us`: microseconds
  // since the capture began.
  void turn(Millis now, std::int64_t us);
  // Records that the lane took these messages out of its mailbox, in this order.
  void took(const MailRuns& runs);

  // ---- What leaves the lane.

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

  // Ends the last line if it is still open for further clients. Then text() has only complete lines.
  void finish();
  // Ends the batch (capture_batch.hpp), and returns all its lines. If `sealed` is true, the first line has the checksum
  // of the other lines. The returned view is valid until the caller clears text(), which also begins the next batch.
  std::string_view batch();
  bool is_open() const { return open_; }
  // Returns whether the open line is about the same frames, so that sent() would only add a client to this line.
  bool same_as_open(std::span<const Frame> frames) const;
  // Returns the buffer with the lines since the caller last cleared it. The caller may clear the buffer only while no
  // line is open.
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
  // Writes a frame, or only its number if the frame was written earlier in this turn. Returns false if the frame cannot
  // be sent again in this turn.
  bool frame(const Frame& frame);
  void frame_as_text(const std::string& frame);
  void on(const Connected& m);
  void on(const ClientText& m);
  void on(const WebRequest& m);
  void on(const Disconnected& m);

  LaneId lane_;
  bool sealed_;
  ByteBuffer text_;
  bool open_ = false;  // the last line is about sent frames, and further clients may be added to it
  std::vector<Frame> open_frames_;
  std::size_t turn_frame_count_ = 0;  // frames written in this turn
  // The numbers of the frames that may be sent again in this turn. The key is the address of the frame. Each entry
  // keeps its frame alive, so that no other frame gets the same address.
  boost::unordered_flat_map<const std::string*, std::pair<std::size_t, Frame>> turn_frames_;
};

// Returns the text in an uncompressed WebSocket text frame from the gateway; empty if the frame is of another kind.
std::string_view frame_text(std::string_view frame);

// Completes the line that begins at `start`, which lacks its closing brace: adds the line's checksum, the brace and a
// line feed.
void seal_line(ByteBuffer& text, std::size_t start);
// first_line(): returns the first line of a part (one file of the capture): a JSON object. `header` has the members of
// this object as JSON without the braces (header_members()); first_line() adds the number of the part. last_line():
// returns the last line of a part. `how` is "continued" if another part follows, else "stopped". Both lines have a
// checksum.
std::string first_line(std::string_view header, unsigned part);
std::string last_line(std::string_view how);
// Returns the line without its checksum and its closing brace; nullopt if the checksum is wrong. A line without a
// checksum is returned as it is.
std::optional<std::string_view> unseal_line(std::string_view line);

}  // namespace resflow
