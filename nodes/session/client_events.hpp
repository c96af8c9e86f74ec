// Takes the events for one client (RES-Client protocol, "Events"). They are sent in order for each resource, and only
// for a resource whose state the client has.
//
// Pure; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientEvents {
 public:
  explicit ClientEvents(Client& client) : client_(client) {}

  // Takes an event of one resource.
  void handle_event(const EventFor& m);
  // Handles the events that wait on the resource, one by one, as a task.
  void start_drain(Subscription& s);
  void drain(Task&& task);

 private:
  void queue(Subscription& s, const EventPtr& event);
  void process(Subscription& s, const EventPtr& event);
  void deleted(Subscription& s, const EventPtr& event);
  bool all_sent(const std::vector<RidPtr>& rids) const;

  Client& client_;
};

}  // namespace resflow
