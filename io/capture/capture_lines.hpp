// The lines of a capture: what enters and leaves one lane, each record one line of JSON (tools/gateway/README.md,
// "Captures"). The gateway writes them to a file, resflow-replay compares those of its own run with the recorded ones,
// so equal traffic gives equal bytes.
//
// One instance a lane, on the lane's thread. What came from outside is written as a string, what the gateway has made
// and is JSON for sure as it is; bytes that are no UTF-8 in base64, in a property whose name ends in 64. Frames that go
// to many clients of a turn are written once and then named by their number in the turn; sends of the same frames
// follow each other in one line, so a line may stay open until the next one begins.
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
  // Without `sealed` batches have no checksums, for who only compares lines.
  explicit CaptureLines(LaneId lane, bool sealed = true);

  // ---- what enters

  // `inside`: during a turn, by what a port was told.
  void entered(const ParseIn& message, bool inside);
  void entered(const WriteIn& message, bool inside);
  void entered(const ServiceReply& message, bool inside);
  void entered(const ServiceMessage& message, bool inside);
  void entered(const ServiceNotice& notice, bool inside);
  // `us`: microseconds since the capture began.
  void turn(Millis now, std::int64_t us);
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

  // Ends the line that is open, so that text() has whole lines only.
  void finish();
  // Ends the batch: all lines since the last one, behind the line with their checksum. In place until the caller
  // empties text(); then the next batch begins.
  std::string_view batch();
  bool is_open() const { return open_; }
  // Whether a send of these frames goes into the line that is open.
  bool same_as_open(std::span<const Frame> frames) const;
  // What has been written and not been taken. The caller empties it, when no line is open.
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
  // True when it may be sent again.
  bool frame(const Frame& frame);
  void frame_as_text(const std::string& frame);
  void on(const Connected& m);
  void on(const ClientText& m);
  void on(const WebRequest& m);
  void on(const Disconnected& m);

  LaneId lane_;
  bool sealed_;
  ByteBuffer text_;
  bool open_ = false;  // a send line that may get more receivers
  std::vector<Frame> open_frames_;
  std::size_t turn_frame_count_ = 0;
  // The numbers of those that may be sent again; they are kept so that no other gets the address of one.
  boost::unordered_flat_map<const std::string*, std::pair<std::size_t, Frame>> turn_frames_;
};

// The text in a frame as the gateway makes them; empty when it is another kind.
std::string_view frame_text(std::string_view frame);

// Ends the line that starts there with a checksum of its own.
void seal_line(ByteBuffer& text, std::size_t start);
// The first line of a part, with the members of its header, and the last one: "stopped", or "continued" when another
// part follows.
std::string first_line(std::string_view header, unsigned part);
std::string last_line(std::string_view how);
// The line without its checksum; nullopt when the checksum is wrong. A line without one is taken as it is.
std::optional<std::string_view> unseal_line(std::string_view line);

}  // namespace resflow
