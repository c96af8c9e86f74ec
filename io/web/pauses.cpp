#include "io/web/pauses.hpp"

#include <libwebsockets.h>

namespace resflow {

void Pauses::begin(Connection& connection, Pause why) {
  if (connection.paused == 0) lws_rx_flow_control(connection.wsi, 0);
  connection.paused = static_cast<std::uint8_t>(connection.paused | static_cast<unsigned>(why));
  deadlines_.schedule(connection);
}

void Pauses::end(Connection& connection, Pause why) {
  if (!is_paused(connection, why)) return;
  connection.paused = static_cast<std::uint8_t>(connection.paused & ~static_cast<unsigned>(why));
  if (connection.paused == 0 && connection.wsi != nullptr) lws_rx_flow_control(connection.wsi, 1);
  deadlines_.schedule(connection);
}

void Pauses::end_all_but_backlog(Connection& connection) {
  for (const Pause why : {Pause::answer, Pause::requests, Pause::sink, Pause::room, Pause::inflating}) {
    end(connection, why);
  }
}

}  // namespace resflow
