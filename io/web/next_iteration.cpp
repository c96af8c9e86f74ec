#include "io/web/next_iteration.hpp"

namespace resflow {

NextIteration::NextIteration(uv_loop_t* loop, ConnectionTable& table, Deadlines& deadlines, std::function<void()> run)
    : table_(table),
      deadlines_(deadlines),
      run_(std::move(run)),
      idle_(make_uv_handle<uv_idle_t>(this, [&](uv_idle_t* handle) { return uv_idle_init(loop, handle); })) {}

void NextIteration::cut(Connection& connection) {
  if (connection.will_be_cut || connection.wsi == nullptr) return;
  connection.will_be_cut = true;
  deadlines_.stop(connection);
  cut_.push_back(table_.id_of(connection));
  wake();
}

void NextIteration::tell_end(Connection& connection) {
  ended_.push_back(&connection);
  wake();
}

void NextIteration::read_again(const Connection& connection) {
  readers_.push_back(table_.id_of(connection));
  wake();
}

void NextIteration::read_first(const Connection& connection) {
  first_.push_back(table_.id_of(connection));
  wake();
}

void NextIteration::wake() {
  if (idle_ == nullptr) return;  // the server is being destroyed
  uv_idle_start(idle_.get(), [](uv_idle_t* idle) { static_cast<NextIteration*>(idle->data)->run_(); });
}

std::vector<ConnId> NextIteration::take_readers() {
  std::vector<ConnId> all = std::exchange(first_, {});
  all.insert(all.end(), readers_.begin(), readers_.end());
  readers_.clear();
  return all;
}

void NextIteration::stop_if_idle() {
  if (cut_.empty() && ended_.empty() && readers_.empty() && first_.empty()) uv_idle_stop(idle_.get());
}

}  // namespace resflow
