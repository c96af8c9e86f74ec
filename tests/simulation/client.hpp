// A client that follows the RES-Client protocol to the letter. It reports whatever a client must not get: an event on a
// resource that it does not hold, a resource that it has already, a reference to a resource that it was never given, an
// index out of bounds, an answer without a request. A direct subscription counts from the answer to its request on.
// Owned by the World.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/protocol/ids.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/truth.hpp"

namespace resflow::simulation {

class Client {
 public:
  // The client calls this with a text for each thing that it must not get.
  using Odd = std::function<void(const std::string&)>;

  Client(ConnId conn, std::string cid, Odd odd) : conn_(conn), cid_(std::move(cid)), odd_(std::move(odd)) {}

  ConnId conn() const { return conn_; }
  const std::string& cid() const { return cid_; }

  // Returns the text of a random request, and notes that the client waits for its answer.
  std::string ask(Dice& dice, const Truth& truth);
  void receive(std::string_view text);

  bool is_waiting() const { return !asked_.empty(); }
  std::size_t waiting() const { return asked_.size(); }
  const std::map<std::string, std::uint32_t>& direct() const { return direct_; }

  // Each returns the text of a request, and notes that the client waits for its answer. ask_for() subscribes to the
  // resource. ask_version() says that the client speaks the protocol version with this number (version_). call() calls
  // a method `do`; the client does not check the order of its answer and of events.
  std::string ask_for(const std::string& rid) { return request(Kind::subscribe, "subscribe." + rid, rid, nullptr); }
  std::string ask_version(unsigned number);
  std::string get(const std::string& rid) { return request(Kind::get, "get." + rid, rid, nullptr); }
  std::string unsubscribe(const std::string& rid) {
    return request(Kind::unsubscribe, "unsubscribe." + rid, rid, nullptr);
  }
  std::string call(const std::string& name) { return request(Kind::call, "call." + name + ".do", {}, nullptr); }
  // Returns true if the client has a state of the resource, so that it may get events on the resource.
  bool sees(const std::string& rid) const {
    const auto it = items_.find(rid);
    return it != items_.end() && !it->second.error && !it->second.gone;
  }

  // Compares what the client holds with the truth, when nothing is under way any more. Reports each difference, and
  // each request without an answer. Returns how many resources were compared. An error in the place of a resource is
  // allowed, since there may have been an error when the client asked.
  std::size_t compare(const Truth& truth);

  bool stalled = false;  // true: the client does not read
  bool paused = false;   // true: the gateway does not read from the client
  bool closed = false;   // true: the gateway has closed the connection
  // true: the client sends texts of any kind. Then it only checks that everything it receives is a JSON object.
  bool careless = false;

 private:
  enum class Kind : std::uint8_t { version, subscribe, unsubscribe, get, call, auth };
  struct Asked {
    Kind kind;
    std::string rid;
    std::uint32_t count = 1;
  };
  struct Item {
    Json value;         // null: there is an error in the place of the resource
    bool gone = false;  // true: the resource was deleted
    bool error = false;
  };
  using Items = std::map<std::string, Item>;

  std::string request(Kind kind, const std::string& method, const std::string& rid, const Json& params,
                      std::uint32_t count = 1);
  void answered(const Asked& asked, const boost::json::object& message);
  void got(const Asked& asked, const boost::json::object& result);
  void check_order(const std::string& rid, const boost::json::object& result);
  void event(const boost::json::object& message);
  void apply(const std::string& rid, Item& item, std::string_view kind, const Json& data);
  void take(const boost::json::object& set);
  static void add(Items& items, const boost::json::object& set);
  std::set<std::string> reach(const Items& items, const std::set<std::string>& roots);
  void tidy();
  bool legacy() const { return version_ < 2; }
  void object_to(const std::string& what) { odd_("client " + cid_ + ": " + what); }

  ConnId conn_;
  std::string cid_;
  Odd odd_;
  std::uint64_t last_id_ = 0;
  unsigned version_ = 0;  // protocol version of the client: 0 means 1.1.1; 1 means 1.2.0; 2 means 1.2.1; 3 means 1.2.3
  std::map<std::uint64_t, Asked> asked_;
  std::map<std::string, std::uint32_t> direct_;
  Items items_;
};

}  // namespace resflow::simulation
