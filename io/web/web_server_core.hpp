// What the parts of one web server share. The parts stand in an order; each of them uses those before it:
//
// | part          | what it does                                                                           |
// | ------------- | -------------------------------------------------------------------------------------- |
// | Entrance      | says who may come in                                                                   |
// | Deadlines     | says how long a connection may take                                                    |
// | Pauses        | says when a connection is read                                                         |
// | HeldInput     | counts the bytes that are kept of unfinished messages and requests                     |
// | NextIteration | closes sockets and reads waiting bytes, in the next iteration of the loop              |
// | Output        | writes                                                                                 |
// | Closing       | ends connections                                                                       |
// | HttpServer    | reads requests, writes responses, opens WebSocket connections                          |
// | MessageReader | reads the messages of WebSocket connections                                            |
// | WebServer     | takes the callbacks of the sockets and the calls of the sink, and finds their part     |
//
// All but the last three are members here. Loop thread only.
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
  // `tick` and `iterate` are the functions of Deadlines and NextIteration.
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
