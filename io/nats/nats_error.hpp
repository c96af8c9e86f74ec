// Finds out what an error of NATS is about: one request, one subscription, or the whole connection. So an error about a
// request of one client does no harm to other clients. The server reports errors as text (-ERR lines of its protocol);
// the NATS library nats.c reports its own errors as a status. nats.c ends the connection after every error text except
// a permissions violation.
//
// | Error | What it is about | What the gateway does |
// | --- | --- | --- |
// | Permissions Violation for Publish to "..." | one request | fails the request |
// | Permissions Violation for Subscription to "..." | one subscription | refuses the subscription |
// | Maximum Subscriptions Exceeded | the number of subscriptions | replaces the connection, with fewer subscriptions |
// | Maximum Control Line Exceeded | one line, not known which | replaces the connection, and sends only shorter lines |
// | Maximum Payload Violation, Invalid Subject, Invalid Publish Subject, Parser Error, Unknown Protocol Operation |
//   one message, not known which | replaces the connection |
// | slow consumer (a status of nats.c) | messages that nats.c dropped |
//   replaces the connection, since the cache may be wrong |
// | Stale Connection, User Authentication Expired, Authorization Violation, Server Shutdown, no text, any other text |
//   the connection | gives the connection up: NatsClient calls `on_lost` |
//
// To replace the connection means: the gateway connects again at once and makes its subscriptions again. Then it
// fetches the state of each cached resource from the resource's service, since events may have been lost.
//
// No I/O and no shared state; any thread may use it.
#pragma once

#include <nats/nats.h>

#include <string>
#include <string_view>

namespace resflow {

// What a NATS error is about. The table at the top of this file explains the values, in the same order.
enum class NatsReach { publish, subscription, subscription_count, control_line, message, connection };

struct NatsFault {
  NatsReach reach = NatsReach::connection;
  std::string subject;   // the subject of the request or subscription; empty if the error is about neither
  bool cut_off = false;  // true: `subject` lacks its end, since nats.c keeps only 255 bytes of an error text
};

// Returns what the error with this status and text is about.
NatsFault judge_nats_error(natsStatus status, std::string_view text);

// Returns true if the error is about `subject`. An error text may contain only the beginning of its subject. Then it is
// enough that `subject` starts with this beginning.
bool is_about(const NatsFault& fault, std::string_view subject);

}  // namespace resflow
