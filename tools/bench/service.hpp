// The service behind the gateway, played by the load tool itself. Over NATS, it serves models (resources with named
// values) and collections (resources that are lists), answers calls of methods, and publishes change events. Loop
// thread only. answer_all() answers the requests that have arrived. flush() sends all published messages with one
// write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/bench/loop.hpp"
#include "tools/bench/nats_link.hpp"
#include "tools/bench/options.hpp"

namespace resflow::bench {

class Service {
 public:
  // Connects to NATS. The names of all resources of this service begin with `name`; no other service may use this
  // beginning. Throws RunError if the connection fails.
  Service(Loop& loop, const Options& options, std::string name);

  // The service has these resources: the models <name>.model and <name>.model.<i>; the collection <name>.list, a list
  // of texts; the collections <name>.tree.<i>, which all refer to the same models <name>.leaf.0, <name>.leaf.1 and so
  // on.
  const std::string& name() const { return name_; }

  // Answers the requests that have arrived. Throws RunError if the connection is lost.
  void answer_all();

  // Publishes a change event of a model. The event contains `stamp`, the time when it was due, so that clients can
  // measure the latency.
  void change(std::string_view rid, std::int64_t stamp);
  // Changes every hundredth value of the list and tells the gateway to get the list again (system.reset).
  void reset_list();

  void flush();

 private:
  void await_server(Loop& loop);
  std::string answer_to(std::string_view subject) const;
  std::string tree() const;
  std::string list() const;

  NatsLink link_;
  std::string name_;
  std::size_t items_;
  std::string text_;  // the text that each model contains
  std::size_t event_bytes_;
  std::string tree_;  // the reply to every get request for <name>.tree.<n>
  bool list_changed_ = false;
  std::uint64_t changes_ = 0;
  std::string subject_;  // subject_, payload_: change() builds its event in them; kept to reuse the memory
  std::string payload_;
};

}  // namespace resflow::bench
