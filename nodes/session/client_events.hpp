// Sends one client the events of the resources that it holds (RES-Client protocol, "Events"). The events of each
// resource go in order, and only while the client has the state of that resource.
//
// No I/O; a part of the client's session (client.hpp).
#pragma once

#include "nodes/session/client.hpp"

namespace resflow {

class ClientEvents {
 public:
  explicit ClientEvents(Client& client) : client_(client) {}

  // Queues an event of one resource. Starts to send the resource's events if the client has the resource's state.
  void handle_event(const EventFor& m);
  // start_drain(): pushes a task that sends the events that wait on the resource, unless there is such a task already.
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
