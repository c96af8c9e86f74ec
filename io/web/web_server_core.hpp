// What the parts of one web server share. Each part in this list uses only parts above it:
//
// | part          | what it does                                                                           |
// | ------------- | -------------------------------------------------------------------------------------- |
// | Entrance      | decides which new connections the server takes                                         |
// | Deadlines     | stores the time limits of connections, and finds those that exceed them                |
// | Pauses        | stops and resumes reading from connections                                             |
// | HeldInput     | limits the memory for unfinished messages and requests                                 |
// | NextIteration | keeps work for the next iteration of the loop, such as sockets to close                |
// | Output        | writes to connections                                                                  |
// | Closing       | ends connections                                                                       |
// | HttpServer    | reads requests, writes responses, opens WebSocket connections                          |
// | MessageReader | reads the messages of WebSocket connections                                            |
// | WebServer     | passes the callbacks of the sockets, and the calls to the server, to the other parts   |
//
// All parts but the last three are members of WebServerCore. Only the thread of the server's event loop may use them.
#pragma once

#include <functional>

#include "io/web/closing.hpp"
#include "io/web/connection.hpp"
#include "io/web/deadlines.hpp"
#include "io/web/entrance.hpp"
#include "io/web/held_input.hpp"
#include "io/web/next_iteration.hpp"
#include "io/web/output.hpp"
#include "io/web/pauses.hpp"
#include "io/web/web_server.hpp"

namespace resflow {

struct WebServerCore {
  // `tick`: must end the connections whose deadline has come; called four times a second while any connection has a
  // deadline. `iterate`: must do the work that was put off; called in the next iteration of the loop.
  WebServerCore(uv_loop_t* uv_loop, const WebServerOptions& server_options, ClientSink& client_sink,
                std::function<void()> tick, std::function<void()> iterate)
      : loop(uv_loop),
        options(server_options),
        sink(client_sink),
        entrance(uv_loop, options, counters),
        table(options.lane),
        deadlines(uv_loop, options, std::move(tick)),
        pauses(deadlines),
        held_input(options.max_held_bytes, table, pauses, deadlines),
        next(uv_loop, table, deadlines, std::move(iterate)),
        output(options.compression, counters, pauses, next),
        closing(output, deadlines, pauses, held_input, next) {}

  uv_loop_t* loop;
  const WebServerOptions options;
  ClientSink& sink;
  WebServerCounters counters;
  Entrance entrance;
  ConnectionTable table;
  Deadlines deadlines;
  Pauses pauses;
  HeldInput held_input;
  NextIteration next;
  Output output;
  Closing closing;
};

}  // namespace resflow
