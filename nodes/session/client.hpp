// The data of one client. The code that works on it, the client's session, is divided into classes ("parts"). Each part
// uses only parts above it in this table:
//
// | part             | what it does                                                                            |
// | ---------------- | --------------------------------------------------------------------------------------- |
// | ClientWork       | keeps the tasks that are still to be done, and limits the client's share of the work    |
// | ClientRecords    | keeps the subscriptions and the operations, and knows which resources the client has    |
// | ClientOutput     | sends answers and events                                                                |
// | ClientAccess     | asks the authorize node what the client may read                                        |
// | ClientLoading    | loads the resources that an operation needs                                             |
// | ClientOperations | takes operations through their phases, and sends their messages when they are complete  |
// | ClientEvents     | sends the events of resources in order                                                  |
// | ClientRequests   | handles the client's requests                                                           |
// | ClientWeb        | serves a web request, or decides whether a WebSocket connection is opened               |
// | ClientSession    | receives every message, and does the work in slices                                     |
//
// An operation is the work for one answer or event (operation.hpp). The first three parts keep data, and are members of
// Client. The other parts keep no data of their own. They are made where they are needed, so they cost no memory.
//
// No I/O; owned by the client's session.
#pragma once

#include <utility>

#include "nodes/session/client_identity.hpp"
#include "nodes/session/client_output.hpp"
#include "nodes/session/client_records.hpp"
#include "nodes/session/client_work.hpp"

namespace resflow {

struct Client {
  // `owner` is the ClientSession that contains this object. Each subscription of the client gets a pointer to `owner`.
  Client(SessionContext& context, ClientSession& owner, ConnId conn, ClientInfoPtr info)
      : session(context),
        identity{conn, std::move(info)},
        work(context),
        records(context, owner, identity, work),
        output(context, identity) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  SessionOut& out() const { return session.out(); }
  ConnId conn() const { return identity.conn; }

  SessionContext& session;
  ClientIdentity identity;
  ClientWork work;
  ClientRecords records;
  ClientOutput output;
};

}  // namespace resflow
