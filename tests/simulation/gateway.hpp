// One gateway of a simulated world. It has the real lanes with their wiring, but its clients and its messaging system
// are objects in memory. The World decides when each lane takes a turn. What the gateway sends reaches its clients at
// once, except clients that do not read. Owned by the World.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/lane.hpp"
#include "io/capture/lane_capture.hpp"
#include "nodes/pipeline_options.hpp"
#include "tests/simulation/broker.hpp"
#include "tests/simulation/client.hpp"

namespace resflow::simulation {

// A log that nobody reads.
class QuietLog final : public LogPort {
 public:
  bool enabled(LogLevel level) const override { return level != LogLevel::trace; }
  void log(LogLevel, std::string_view) override {}
};

class Gateway {
 public:
  Gateway(Broker& broker, const PipelineOptions& options, Client::Odd odd, FaultCounts& faults);
  ~Gateway();

  // Records everything that enters and leaves the gateway in a capture, which resflow-replay can play. Call this before
  // any other function.
  void record(const std::string& file, const PipelineOptions& options);

  std::size_t number() const { return number_; }
  std::size_t lanes() const { return lanes_.size(); }

  // turn(): has a lane take a turn if the lane was woken. turn_all(): does so for all lanes. Both return true if a lane
  // took a turn. wake_all(): wakes all lanes.
  bool turn(std::size_t lane, Millis now);
  bool turn_all(Millis now);
  void wake_all();

  Client& connect(std::size_t lane);
  void disconnect(Client& client);
  void send(Client& client, std::string text);
  void read_again(Client& client);  // makes a client read that was stalled
  // Returns all clients that have not been disconnected, also those whose connection the gateway has closed.
  std::vector<Client*> clients() const;

  // request(): sends an HTTP request, and returns its connection. `name` is what take_responses() calls it by.
  // browse(): sends an HTTP GET for a resource; its name is the rid. go_away(): has the client of such a request go
  // away before it is answered. browsing(): returns the requests that are not answered yet.
  ConnId request(std::size_t lane, const std::string& name, WebRequest request, const std::string& target);
  ConnId browse(std::size_t lane, const std::string& rid);
  void go_away(ConnId conn);
  std::vector<ConnId> browsing() const;
  // Returns the HTTP responses that have come since the last call, each with the name of its request.
  std::vector<std::pair<std::string, WebResponse>> take_responses() { return std::exchange(responses_, {}); }

  std::size_t client_count() const;
  bool waits_for_time() const;  // true: something in a lane waits for time to pass
  // Returns what the gateway still has, one text for each kind of thing. When all clients have left, and everything
  // that waits for time has ended, it must have nothing.
  std::vector<std::string> remains() const;

 private:
  class Clients;
  struct Slots {
    std::vector<std::uint32_t> generations;
    std::vector<std::uint32_t> free;
  };

  ConnId new_conn(std::size_t lane);
  void put(std::size_t lane, ParseIn message);
  void put(std::size_t lane, WriteIn message);

  Broker& broker_;
  Client::Odd odd_;
  FaultCounts& faults_;
  QuietLog log_;
  std::size_t number_;
  std::vector<std::unique_ptr<Clients>> ends_;
  std::vector<std::unique_ptr<LaneCapture>> captures_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<bool> woken_;
  std::vector<Slots> slots_;
  Millis now_ = 0;
  std::size_t last_cid_ = 0;
  std::map<std::pair<LaneId, std::uint32_t>, std::unique_ptr<Client>> clients_;          // by lane and slot
  std::map<std::pair<LaneId, std::uint32_t>, std::pair<ConnId, std::string>> browsing_;  // name of the request
  std::vector<std::pair<std::string, WebResponse>> responses_;
};

}  // namespace resflow::simulation
