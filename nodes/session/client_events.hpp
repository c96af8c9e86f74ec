// Sends one client the events (changes) of its resources: those that it is subscribed to, directly or through
// references (RES-Client protocol, "Events"). The client gets a resource's events in order, and only after the
// resource's data.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientEvents {
 public:
  explicit ClientEvents(Client& client) : client_(client) {}

  // Handles an event of one resource: appends it to the queue of that resource's events that the client has not got
  // yet. If the client has the resource's data already, starts to send the queue.
  void handle_event(const EventFor& m);
  // start_drain(): schedules a task that sends the resource's waiting events; does nothing if that task is scheduled
  // already. drain(): does this task; each call sends one event.
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
