// The service behind the gateway, played over NATS: models, a collection, a tree of references, calls, and change
// events. It is run by the loop's thread alone: what has come is answered in answer_all(), and everything published
// leaves in one write at flush().
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
  // Connects. The names of all its resources begin with `name`, which no other service has. Throws RunError.
  Service(Loop& loop, const Options& options, std::string name);

  // <name>.model, <name>.model.<n>: models. <name>.tree.<n>: collections of all <name>.leaf.<n>, which are models.
  // <name>.list: a collection of texts.
  const std::string& name() const { return name_; }

  // Answers what services have been asked for meanwhile. Throws RunError when the connection is lost.
  void answer_all();

  // Publishes a change of a model: `stamp` is carried to the clients.
  void change(std::string_view rid, std::int64_t stamp);
  // From now on every hundredth value of the list is another one; the gateway is told to ask again.
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
  std::string text_;  // of each model
  std::size_t event_bytes_;
  std::string tree_;  // the same for all clients
  bool list_changed_ = false;
  std::uint64_t changes_ = 0;
  std::string subject_;  // scratch
  std::string payload_;
};

}  // namespace resflow::bench
