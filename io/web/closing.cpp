#include "io/web/closing.hpp"

#include "io/web/lws_context.hpp"

namespace resflow {

void Closing::close(Connection& connection, const CloseReason& reason) {
  connection.close_code = reason.code;
  output_.write(connection, close_frame(reason.code, reason.text));
  await_end(connection, ConnectionState::close_sent);
}

void Closing::fail(Connection& connection, std::uint16_t code, std::string_view text) {
  connection.close_code = code;
  output_.write(connection, close_frame(code, text));
  linger(connection);
}

void Closing::drain(Connection& connection) {
  await_end(connection, ConnectionState::draining);
  on_drained(connection);
}

void Closing::linger(Connection& connection) {
  await_end(connection, ConnectionState::lingering);
  on_drained(connection);
}

void Closing::on_drained(Connection& connection) {
  if (connection.will_be_cut || has_backlog(connection)) return;
  if (connection.state == ConnectionState::draining) {
    LwsContext::end_output(connection.wsi);
    next_.cut(connection);
  }
  if (connection.state == ConnectionState::lingering) LwsContext::end_output(connection.wsi);
}

// Puts the connection into `state`, a state in which the server only waits for the end of the connection. The server
// takes no more requests or messages from it.
void Closing::await_end(Connection& connection, ConnectionState state) {
  deadlines_.stop(connection);
  connection.state = state;
  connection.http.reset();
  pauses_.end_all_but_backlog(connection);
  held_input_.recount(connection);
}

}  // namespace resflow
