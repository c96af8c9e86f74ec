// Takes the events for one client (RES-Client protocol, "Events"). Sends the events of each resource in order, and only
// while the client has the state of that resource.
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
  // start_drain(): pushes a task that handles the events that wait on the resource, unless there is one already.
  // drain(): does that task, one event at a time.
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
