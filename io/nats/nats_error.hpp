// What an error of the messaging system is about, so that what was refused for one harms nobody else. The server says
// so in words (-ERR lines of its protocol), nats.c in a status. Whether the connection outlives the error is another
// matter: nats.c ends it at every word but a permissions violation.
//
// | What is said | It is about | What is done |
// | --- | --- | --- |
// | Permissions Violation for Publish to "..." | a request | it ends with an error |
// | Permissions Violation for Subscription to "..." | a subscription | it is refused |
// | Maximum Subscriptions Exceeded | the number of subscriptions | replaced, with as many as are allowed |
// | Maximum Control Line Exceeded | the longest line | replaced, and lines are kept shorter |
// | Maximum Payload Violation, Invalid Subject, Invalid Publish Subject, Parser Error, Unknown Protocol Operation |
//   a message, nobody can say which | replaced |
// | slow consumer (of nats.c) | messages that were dropped | replaced, since the cache may be wrong |
// | Stale Connection, User Authentication Expired, Authorization Violation, Server Shutdown, no word at all, what is
//   not known | the connection | lost |
//
// "Replaced": the gateway connects anew at once, subscribes to what there was, and fetches and compares what it has.
//
// Pure; any thread.
#pragma once

#include <nats/nats.h>

#include <string>
#include <string_view>

namespace resflow {

enum class NatsReach { publish, subscription, subscription_count, control_line, message, connection };

struct NatsFault {
  NatsReach reach = NatsReach::connection;
  std::string subject;   // of a request or subscription
  bool cut_off = false;  // there is only the beginning of it: nats.c keeps 255 bytes of an error
};

NatsFault judge_nats_error(natsStatus status, std::string_view text);

// Whether a fault with this subject is about that one.
bool is_about(const NatsFault& fault, std::string_view subject);

}  // namespace resflow
