// Helpers for the tests of resflow-replay: a pipeline with random traffic whose lanes are recorded, and the playing of
// such a recording.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "io/capture/lane_capture.hpp"
#include "tests/graph/pipeline_fixture.hpp"
#include "tests/io/capture_fixture.hpp"
#include "tools/replay/player.hpp"

namespace resflow::testing {

// The ends of a recorded lane. If `restless`, they put messages into the lane while it calls them: a socket refuses a
// frame and is writable at once, a closed connection is gone at once, a request cannot be sent.
class RestlessEnds final : public ClientPort, public ServicePort {
 public:
  RestlessEnds(ClientPort& clients, ServicePort& services, bool restless)
      : clients_(clients), services_(services), restless_(restless) {}

  void put_into(Lane* lane) { lane_ = lane; }

  bool send(ConnId conn, std::span<const Frame> frames) override {
    if (!restless_ || ++sends_ % 5 != 0) return clients_.send(conn, frames);
    lane_->put(WriteIn(Writable{conn}));
    return false;
  }
  void close(ConnId conn, const CloseReason& reason) override {
    clients_.close(conn, reason);
    if (restless_) lane_->put(ParseIn(Disconnected{conn}));
  }
  void accept(ConnId conn, const Headers& headers) override { clients_.accept(conn, headers); }
  void respond(ConnId conn, const WebResponse& response) override { clients_.respond(conn, response); }
  void pause(ConnId conn) override { clients_.pause(conn); }
  void resume(ConnId conn) override { clients_.resume(conn); }
  void request(ServiceRequestId id, std::string_view subject, std::string_view payload) override {
    if (!restless_ || ++requests_ % 7 != 0) return services_.request(id, subject, payload);
    lane_->put(ServiceReply{id, {}, false, "there is no room"});
  }
  bool subscribe(SubscriptionHandle handle, std::string_view subject) override {
    return services_.subscribe(handle, subject);
  }
  void unsubscribe(SubscriptionHandle handle) override { services_.unsubscribe(handle); }
  void flush() override { services_.flush(); }
  void send_kept(const std::function<bool(ServiceRequestId)>& wanted) override { services_.send_kept(wanted); }

 private:
  ClientPort& clients_;
  ServicePort& services_;
  bool restless_;
  Lane* lane_ = nullptr;
  std::size_t sends_ = 0;
  std::size_t requests_ = 0;
};

struct RecordedOptions {
  std::size_t lanes = 1;
  bool restless = false;
  bool redact = false;
  LaneOptions lane = {};
};

// A World that is recorded to a file as long as the object lives.
class RecordedWorld {
 public:
  RecordedWorld(const std::string& path, const RecordedOptions& options) {
    LaneOptions lane = options.lane;
    lane.lanes = options.lanes;
    CaptureHeader header;
    header.redacted = options.redact;
    static_cast<PipelineOptions&>(header.options) = lane;
    CaptureFileOptions file;
    file.path = path;
    capture_ = std::make_shared<RunningCapture>(file, header_members(header), options.redact, log_);
    world = std::make_unique<World>(options.lanes, options.lane, [&](LaneId id, ClientPort& c, ServicePort& s) {
      auto& ends = *ends_.emplace_back(std::make_unique<RestlessEnds>(c, s, options.restless));
      auto& lane_capture =
          *captures_.emplace_back(std::make_unique<LaneCapture>(id, ends, ends, [this] { return us_ += 100; }));
      return World::Ends{lane_capture, lane_capture};
    });
    for (std::size_t i = 0; i < options.lanes; ++i) {
      ends_[i]->put_into(&world->lane(i));
      captures_[i]->start(capture_);
      world->lane(i).add_tap(*captures_[i]);
    }
  }
  ~RecordedWorld() {
    for (std::size_t i = 0; i < captures_.size(); ++i) {
      world->lane(i).remove_tap(*captures_[i]);
      captures_[i]->stop();
    }
    world = nullptr;
  }
  RecordedWorld(const RecordedWorld&) = delete;
  RecordedWorld& operator=(const RecordedWorld&) = delete;

  std::unique_ptr<World> world;

 private:
  CaptureLog log_;
  std::int64_t us_ = 0;
  std::shared_ptr<RunningCapture> capture_;
  std::vector<std::unique_ptr<RestlessEnds>> ends_;
  std::vector<std::unique_ptr<LaneCapture>> captures_;
};

// Random clients of resources that change, refer to each other, and are reset.
class RandomTraffic {
 public:
  RandomTraffic(World& world, unsigned seed) : world_(world), random_(seed) {
    for (int i = 0; i < kModels; ++i) {
      world_.on("get." + model(i), [this, i](const MemoryRequest& r) { world_.reply(r, state(i)); });
      world_.answer("call." + model(i) + ".set", R"({"result":{"done":true}})");
      world_.answer("auth." + model(i) + ".login", R"({"result":null})");
    }
    world_.collection("test.list", R"([{"rid":"test.m.0"},{"rid":"test.m.1"},3])");
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      if (below(3) == 0) world_.settle();
    }
    world_.settle();
    for (int i = 0; i < 5; ++i) world_.advance(2'000);
  }

 private:
  static constexpr int kModels = 6;

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  static std::string model(int i) { return "test.m." + std::to_string(i); }
  std::string state(int i) {
    return R"({"result":{"model":{"n":)" + std::to_string(below(5)) + R"(,"ref":{"rid":")" + model((i + 1) % kModels) +
           R"("}}}})";
  }

  void step() {
    const int which = below(20);
    if (clients_.empty() || (which == 0 && clients_.size() < 12)) return open();
    TestClient& c = clients_[static_cast<std::size_t>(below(static_cast<int>(clients_.size())))];
    const std::string rid = below(4) == 0 ? "test.list" : model(below(kModels));
    if (which < 6) {
      c.request("subscribe." + rid);
    } else if (which < 9) {
      c.request("unsubscribe." + rid);
    } else if (which < 11) {
      c.request("call." + rid + ".set", "{\"a\":\n1}");
    } else if (which < 12) {
      c.request("get." + rid);
    } else if (which < 16) {
      world_.publish("event." + model(below(kModels)) + ".change",
                     R"({"values":{"n":)" + std::to_string(below(9)) + R"(,"odd":"\u00e4"}})");
    } else if (which < 17) {
      world_.publish("system.reset", R"({"resources":["test.>"]})");
    } else if (which < 18) {
      world_.publish("conn." + c.cid() + ".token", R"({"token":{"user":"token-secret"}})");
    } else if (which < 19) {
      c.request("auth." + rid + ".login", R"({"password":"params-secret"})");
    } else {
      c.send(below(2) == 0 ? "no JSON" : R"({"id":1})");
    }
  }

  void open() {
    const std::size_t lane = clients_.size() % world_.lane_count();
    clients_.emplace_back(world_, lane, static_cast<std::uint32_t>(clients_.size()));
  }

  World& world_;
  std::mt19937 random_;
  std::deque<TestClient> clients_;
};

inline void record_random(const std::string& path, const RecordedOptions& options, int steps = 300, unsigned seed = 1) {
  RecordedWorld recorded(path, options);
  RandomTraffic(*recorded.world, seed).run(steps);
}

inline replay::Outcome play(const std::vector<std::string>& files, const replay::PlayOptions& options = {}) {
  return replay::play(files, options, [](double) {});
}

// Returns the lines of a file without the lines that hold the checksum of a batch, as after a change by hand.
inline std::vector<std::string> file_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(read(path));
  for (std::string line; std::getline(text, line);) {
    if (!parse_batch_line(line)) lines.push_back(line);
  }
  return lines;
}

inline void write_lines(const std::string& path, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  write_bytes(path, text);
}

// Returns the line without its own checksum.
inline std::string unsealed(const std::string& line) {
  const std::string_view body = *unseal_line(line);
  return std::string(body) + (body.size() < line.size() ? "}" : "");
}

}  // namespace resflow::testing
