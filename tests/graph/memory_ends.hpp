// Test doubles for the three ports of the pipeline: clients, services and log. They keep in memory what the gateway
// sends, so that a test can look at it. Any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nodes/messages.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow::testing {

// Returns the payload of a frame that the server has sent. It must be a final, unmasked text frame (RFC 6455, section
// 5.2).
inline std::string frame_text(const std::string& frame) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(frame.at(i)); };
  if (byte(0) != 0x81) return "no text frame";
  const std::size_t header = byte(1) < 126 ? 2 : byte(1) == 126 ? 4 : 10;
  std::size_t size = byte(1);
  if (header > 2) {
    size = 0;
    for (std::size_t i = 2; i < header; ++i) size = size << 8 | byte(i);
  }
  return frame.size() == header + size ? frame.substr(header) : "a frame of another length than it says";
}

// What one connection has received.
struct MemorySocket {
  bool busy = false;  // refuses every send
  std::size_t sends = 0;
  std::size_t refusals = 0;
  std::vector<std::string> texts;
  std::optional<CloseReason> closed;
  std::optional<Headers> accepted;
  std::vector<WebResponse> responses;
  bool paused = false;
};

class MemoryClients final : public ClientPort {
 public:
  // With `refuse_every` n, every nth send is refused, and take_refused() returns the connections of these sends. With
  // 0, only busy sockets refuse.
  explicit MemoryClients(std::size_t refuse_every = 0) : refuse_every_(refuse_every) {}

  bool send(ConnId conn, std::span<const Frame> frames) override {
    const std::lock_guard lock(mutex_);
    MemorySocket& socket = sockets_[conn];
    ++socket.sends;
    const bool unlucky = refuse_every_ != 0 && ++sends_ % refuse_every_ == 0;
    if (unlucky) refused_.push_back(conn);
    if (unlucky || socket.busy) {
      ++socket.refusals;
      return false;
    }
    for (const Frame& frame : frames) socket.texts.push_back(frame_text(*frame));
    return true;
  }

  void close(ConnId conn, const CloseReason& reason) override {
    const std::lock_guard lock(mutex_);
    sockets_[conn].closed = reason;
  }

  void accept(ConnId conn, const Headers& headers) override {
    const std::lock_guard lock(mutex_);
    sockets_[conn].accepted = headers;
  }

  void respond(ConnId conn, const WebResponse& response) override {
    const std::lock_guard lock(mutex_);
    sockets_[conn].responses.push_back(response);
  }

  void pause(ConnId conn) override {
    const std::lock_guard lock(mutex_);
    sockets_[conn].paused = true;
  }

  void resume(ConnId conn) override {
    const std::lock_guard lock(mutex_);
    sockets_[conn].paused = false;
  }

  void set_busy(ConnId conn, bool busy) {
    const std::lock_guard lock(mutex_);
    sockets_[conn].busy = busy;
  }
  std::vector<ConnId> take_refused() {
    const std::lock_guard lock(mutex_);
    return std::exchange(refused_, {});
  }
  MemorySocket socket(ConnId conn) const {
    const std::lock_guard lock(mutex_);
    const auto it = sockets_.find(conn);
    return it == sockets_.end() ? MemorySocket{} : it->second;
  }

 private:
  mutable std::mutex mutex_;
  std::size_t refuse_every_;
  std::size_t sends_ = 0;
  std::vector<ConnId> refused_;
  std::unordered_map<ConnId, MemorySocket> sockets_;
};

// A request as the service gets it.
struct MemoryRequest {
  ServiceRequestId id = 0;
  std::string subject;
  std::string payload;

  std::size_t lane() const { return lane_of(id); }
};

// The messaging system. Requests wait here for the test's service. Subscriptions are known by lane and handle.
class MemoryServices {
 public:
  explicit MemoryServices(std::size_t lanes) {
    for (std::size_t i = 0; i < lanes; ++i) ports_.emplace_back(*this, i);
  }

  ServicePort& port(std::size_t lane) { return ports_[lane]; }

  // Returns the requests that have come since the last call.
  std::vector<MemoryRequest> take_requests() {
    const std::lock_guard lock(mutex_);
    return std::exchange(requests_, {});
  }

  // Returns which lanes get a message on `subject`, each with the message as that lane gets it.
  std::vector<std::pair<std::size_t, ServiceMessage>> route(const std::string& subject, const std::string& payload) {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::size_t, ServiceMessage>> messages;
    if (subject.starts_with("system.")) {
      for (std::size_t i = 0; i < ports_.size(); ++i) messages.push_back({i, ServiceMessage{0, subject, payload}});
    }
    for (const auto& [who, pattern] : subscriptions_) {
      if (matches(pattern, subject)) messages.push_back({who.first, ServiceMessage{who.second, subject, payload}});
    }
    return messages;
  }

  // Length of the longest subject so far, in bytes. NATS has a limit for it.
  std::size_t longest_subject() const {
    const std::lock_guard lock(mutex_);
    return longest_;
  }

  bool subscribed(std::string_view pattern) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                       [&](const auto& s) { return s.second == pattern; });
  }
  std::size_t subscription_count() const {
    const std::lock_guard lock(mutex_);
    return subscriptions_.size();
  }

 private:
  class Port final : public ServicePort {
   public:
    Port(MemoryServices& all, std::size_t lane) : all_(all), lane_(lane) {}

    void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override {
      const std::lock_guard lock(all_.mutex_);
      all_.longest_ = std::max(all_.longest_, subject.size());
      all_.requests_.push_back({id, std::string(subject), std::string(payload)});
    }
    bool subscribe(SubscriptionHandle handle, std::string_view subject) override {
      const std::lock_guard lock(all_.mutex_);
      all_.longest_ = std::max(all_.longest_, subject.size());
      all_.subscriptions_[{lane_, handle}] = subject;
      return true;
    }
    void unsubscribe(SubscriptionHandle handle) override {
      const std::lock_guard lock(all_.mutex_);
      all_.subscriptions_.erase({lane_, handle});
    }
    void flush() override {}

   private:
    MemoryServices& all_;
    std::size_t lane_;
  };

  // Every pattern of the gateway ends in "*", the wildcard for one token.
  static bool matches(std::string_view pattern, std::string_view subject) {
    const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
    return subject.starts_with(prefix) && subject.find('.', prefix.size()) == std::string_view::npos;
  }

  mutable std::mutex mutex_;
  std::deque<Port> ports_;
  std::vector<MemoryRequest> requests_;
  std::size_t longest_ = 0;
  std::map<std::pair<std::size_t, SubscriptionHandle>, std::string> subscriptions_;
};

class MemoryLog final : public LogPort {
 public:
  bool enabled(LogLevel level) const override { return level != LogLevel::trace; }
  void log(LogLevel level, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    ++lines_;
    if (level == LogLevel::error) errors_.emplace_back(text);
  }
  std::vector<std::string> errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
  }
  // Number of log lines of all levels.
  std::size_t lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> errors_;
  std::size_t lines_ = 0;
};

}  // namespace resflow::testing
