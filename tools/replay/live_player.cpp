#include "tools/replay/live_player.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "io/capture/capture_fields.hpp"
#include "io/capture/capture_reader.hpp"
#include "tools/bench/client.hpp"
#include "tools/bench/loop.hpp"

namespace resflow::replay {

namespace {

namespace js = boost::json;

constexpr std::size_t kScratch = 256 * 1024;
// The most time, in nanoseconds, that a replay waits in total for answers that are in the recording but have not
// arrived. When this time is over, the answers that have not arrived count as missing.
constexpr std::int64_t kPatience = 3 * bench::kSecond;

// Returns the request id in a message, which is a request of a client or an answer to a client. Returns nullopt if the
// message is an event or cannot be read.
std::optional<std::uint64_t> id_of(std::string_view text) {
  boost::system::error_code ec;
  const js::value v = js::parse(js::string_view(text.data(), text.size()), ec);
  const auto* object = ec ? nullptr : v.if_object();
  const auto* id = object == nullptr ? nullptr : object->if_contains("id");
  if (id == nullptr) return std::nullopt;
  const auto n = id->to_number<std::uint64_t>(ec);
  return ec ? std::nullopt : std::optional(n);
}

// A client of the recording, which now talks to the running gateway. Its answers are compared with the recorded ones.
// An answer is compared as soon as both are known: the recorded answer and the actual one. Either may come first.
struct LiveClient {
  std::unique_ptr<bench::Client> client;
  bool open = false;
  std::vector<std::string> queued;  // messages to send once the connection is open
  // Three maps by request id: when the request was sent (now_ns()), the recorded answer, and the actual answer.
  std::unordered_map<std::uint64_t, std::int64_t> asked;
  std::unordered_map<std::uint64_t, std::string> recorded;
  std::unordered_map<std::uint64_t, std::string> got;
};

class LivePlay final : public bench::ClientOwner {
 public:
  LivePlay(std::vector<std::string> files, const LiveOptions& options)
      : reader_(std::move(files)), options_(options), scratch_(kScratch) {
    const bench::WebSocketUrl url = bench::parse_ws_url(options.url);
    address_ = bench::resolve(url.host, url.port, options.allow_remote);
    handshake_ = bench::handshake_of(url);
  }

  LiveOutcome run() {
    const std::int64_t began = bench::now_ns();
    std::vector<CaptureRecord> turn;  // inputs read so far; played when the turn record after them is read
    while (auto record = reader_.next()) {
      if (const auto* t = record->get<CaptureTurn>()) {
        if (options_.speed > 0)
          wait(began + static_cast<std::int64_t>(static_cast<double>(t->us) * 1e3 / options_.speed));
        for (CaptureRecord& r : std::exchange(turn, {})) input(*r.get<ParseIn>());
        frames_.clear();
        flush();
      } else if (record->get<ParseIn>() != nullptr) {
        turn.push_back(std::move(*record));
      } else if (record->get<CaptureOut>() != nullptr && record->get<CaptureOut>()->what == "send") {
        sent(*record);
      }
    }
    finish();
    return std::move(outcome_);
  }

 private:
  using Key = std::pair<std::size_t, std::size_t>;  // a recorded connection: its lane, and its number in the lane

  static Key key_of(ConnId conn) { return {conn.lane, conn.slot}; }

  void input(const ParseIn& in) {
    if (const auto* m = std::get_if<Connected>(&in)) return connect(*m);
    if (const auto* m = std::get_if<ClientText>(&in)) return frame(*m);
    if (const auto* m = std::get_if<Disconnected>(&in)) disconnect(key_of(m->conn));
  }

  void connect(const Connected& m) {
    if (m.kind == ClientKind::web) return;
    const Key key = key_of(m.conn);
    retire(key);
    LiveClient& c = clients_[key];
    const std::size_t index = outcome_.connections++;
    keys_.push_back(key);
    c.client = std::make_unique<bench::Client>(index, loop_, *this, std::span<char>(scratch_));
    c.client->connect(address_, handshake_);
  }

  // Closes a client's connection. First waits for the answers that the client got in the recording before it
  // disconnected. If the capture is played faster than recorded, some of them may not have arrived yet.
  void disconnect(const Key& key) {
    const auto it = clients_.find(key);
    if (it == clients_.end()) return;
    wait_while([&c = it->second] { return !is_answered(c); });
    retire(key);
  }

  void frame(const ClientText& m) {
    const auto it = clients_.find(key_of(m.conn));
    if (it == clients_.end()) return;
    if (!it->second.open) return it->second.queued.push_back(m.text);
    send(it->second, m.text);
  }

  void send(LiveClient& c, const std::string& text) {
    ++outcome_.sent;
    if (const auto id = id_of(text)) c.asked[*id] = bench::now_ns();
    c.client->send(text);
  }

  // Notes, for each receiver, the messages that the gateway sent to it in the recording.
  void sent(const CaptureRecord& record) {
    CaptureSent s = parse_sent(record);
    for (std::string& f : s.frames) {
      if (f.front() >= '0' && f.front() <= '9') {
        f = earlier_frame(record.line, parse_number(f));
      } else {
        if (f.starts_with('"')) f = parse_bytes(f);
        frames_.push_back(f);
      }
    }
    for (const ConnId conn : s.to) {
      const auto it = clients_.find(key_of(conn));
      if (it == clients_.end()) continue;
      for (const std::string& f : s.frames) recorded(it->second, f);
    }
  }

  const std::string& earlier_frame(std::size_t line, std::uint64_t number) const {
    if (number < frames_.size()) return frames_[number];
    throw CaptureError("line " + std::to_string(line) + " tells of frame " + std::to_string(number) +
                       ", and there are " + std::to_string(frames_.size()) + " in its turn before");
  }

  void recorded(LiveClient& c, const std::string& text) {
    const auto id = id_of(text);
    if (!id) {
      ++outcome_.recorded_events;
      return;
    }
    c.recorded[*id] = text;
    compare(c, *id);
  }

  // Compares the recorded and the actual answer to a request, if both are known.
  void compare(LiveClient& c, std::uint64_t id) {
    const auto then = c.recorded.find(id);
    const auto now = c.got.find(id);
    if (then == c.recorded.end() || now == c.got.end()) return;
    if (then->second == now->second) {
      ++outcome_.equal;
    } else if (outcome_.different++ == 0) {
      outcome_.first_difference = "  recorded: " + then->second + "\n  got:      " + now->second + '\n';
    }
    c.recorded.erase(then);
    c.got.erase(now);
  }

  // Removes a client. Counts the recorded answers that it has not got as unanswered.
  void retire(const Key& key) {
    const auto it = clients_.find(key);
    if (it == clients_.end()) return;
    outcome_.unanswered += it->second.recorded.size();
    clients_.erase(it);
  }

  // Functions of ClientOwner: the clients call them.
  void opened(bench::Client& client) override {
    const auto it = clients_.find(keys_.at(client.index()));
    if (it == clients_.end()) return;
    it->second.open = true;
    for (const std::string& text : std::exchange(it->second.queued, {})) send(it->second, text);
  }

  void text(bench::Client& client, std::string_view text, std::int64_t now) override {
    const auto it = clients_.find(keys_.at(client.index()));
    if (it == clients_.end()) return;
    const auto id = id_of(text);
    if (!id) {
      ++outcome_.events;
      return;
    }
    if (const auto asked = it->second.asked.find(*id); asked != it->second.asked.end()) {
      outcome_.latency.record(now - asked->second);
      it->second.asked.erase(asked);
    }
    it->second.got[*id] = text;
    compare(it->second, *id);
  }

  void has_output(bench::Client& client) override { due_.push_back(keys_.at(client.index())); }

  void flush() {
    for (const Key& key : std::exchange(due_, {})) {
      const auto it = clients_.find(key);
      if (it != clients_.end()) it->second.client->flush();
    }
  }

  void wait(std::int64_t until) {
    do {
      loop_.turn(until);
      flush();
    } while (bench::now_ns() < until);
  }

  static bool is_answered(const LiveClient& c) { return c.recorded.empty() && c.queued.empty(); }

  bool all_answered() const {
    return std::all_of(clients_.begin(), clients_.end(), [](const auto& c) { return is_answered(c.second); });
  }

  // Waits while missing() returns true. All waits of a replay together last at most kPatience; patience_ is what is
  // left of this time. When it is used up, returns at once.
  template <typename Missing>
  void wait_while(Missing&& missing) {
    const std::int64_t began = bench::now_ns();
    const std::int64_t end = began + patience_;
    flush();
    while (missing() && bench::now_ns() < end) {
      loop_.turn(end);
      flush();
    }
    patience_ -= std::min(patience_, bench::now_ns() - began);
  }

  void finish() {
    wait_while([this] { return !all_answered(); });
    while (!clients_.empty()) retire(clients_.begin()->first);
  }

  CaptureReader reader_;
  const LiveOptions& options_;
  bench::Loop loop_;
  std::vector<char> scratch_;
  bench::SocketAddress address_;
  std::string handshake_;
  std::map<Key, LiveClient> clients_;
  std::vector<Key> keys_;  // the recorded connection that each client plays, by the client's index
  // The recorded connections whose clients have messages to flush.
  std::vector<Key> due_;
  // The different frames (messages to clients) of the current turn (a round of processing) so far. The capture has the
  // text of a frame only once in a turn; after that, it has the index of the frame in this list.
  std::vector<std::string> frames_;
  std::int64_t patience_ = kPatience;
  LiveOutcome outcome_;
};

}  // namespace

LiveOutcome play_live(std::vector<std::string> files, const LiveOptions& options) {
  return LivePlay(std::move(files), options).run();
}

std::string to_text(const LiveOutcome& o) {
  char text[512];
  std::snprintf(text, sizeof text,
                "%zu connections, %zu messages; %zu answers equal, %zu different, %zu missing; %zu events (%zu then)\n"
                "answers took %.3f ms (half of them), %.3f ms (99 %%)\n",
                o.connections, o.sent, o.equal, o.different, o.unanswered, o.events, o.recorded_events,
                static_cast<double>(o.latency.quantile(0.5)) / 1e6,
                static_cast<double>(o.latency.quantile(0.99)) / 1e6);
  return o.first_difference + text;
}

}  // namespace resflow::replay
