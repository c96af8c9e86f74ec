// The NATS client with a real nats-server: what is asked, what comes back, in which order, and how it ends.
#include "io/nats_client.hpp"

#include <fcntl.h>
#include <nats/nats.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace resflow;
using Catch::Matchers::Contains;

namespace {

constexpr auto kPatience = std::chrono::seconds(30);

// A nats-server of the test's own: a child process on a free loopback port, ended by its process id.
class NatsServer {
 public:
  explicit NatsServer(const std::vector<std::string>& options = {}) {
    std::vector<std::string> args{"nats-server", "-a", "127.0.0.1", "-p", "-1"};
    args.insert(args.end(), options.begin(), options.end());
    start(args);
    const std::string said = read_until("Server is ready");
    const std::string before = "client connections on 127.0.0.1:";
    const std::size_t at = said.find(before);
    if (at == std::string::npos) throw std::runtime_error("nats-server did not start: " + said);
    port_ = std::stoi(said.substr(at + before.size()));
  }
  ~NatsServer() {
    kill();
    ::close(output_);
  }
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "nats://" + address(); }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

 private:
  void start(std::vector<std::string>& args) {
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it does not outlive a test that crashes
      ::dup2(pipe[1], STDERR_FILENO);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(pipe[1]);
    output_ = pipe[0];
    if (pid_ < 0) throw std::runtime_error("no child process");
  }

  // Until it has said this, or has ended.
  std::string read_until(const std::string& text) const {
    std::string said;
    std::array<char, 512> buffer{};
    while (said.find(text) == std::string::npos) {
      const ssize_t size = ::read(output_, buffer.data(), buffer.size());
      if (size <= 0) break;
      said.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return said;
  }

  pid_t pid_ = 0;
  int output_ = -1;
  int port_ = 0;
};

// What a lane would get. The calls come on the library's delivery thread.
class Sink final : public ServiceSink {
 public:
  void reply(ServiceReply message) override {
    const std::lock_guard lock(mutex_);
    order_.push_back("reply " + std::to_string(message.id) + ' ' + message.payload);
    replies_.push_back(std::move(message));
  }
  void message(ServiceMessage message) override {
    const std::lock_guard lock(mutex_);
    order_.push_back(std::to_string(message.handle) + ' ' + message.subject + ' ' + message.payload);
    messages_.push_back(std::move(message));
  }

  std::vector<ServiceReply> replies() const {
    const std::lock_guard lock(mutex_);
    return replies_;
  }
  std::vector<ServiceMessage> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<std::string> order() const {
    const std::lock_guard lock(mutex_);
    return order_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<ServiceReply> replies_;
  std::vector<ServiceMessage> messages_;
  std::vector<std::string> order_;
};

class Quiet final : public LogPort {
 public:
  bool enabled(LogLevel) const override { return true; }
  void log(LogLevel, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    text_.append(text).append("\n");
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class Loop {
 public:
  Loop() { uv_loop_init(&loop); }
  ~Loop() {
    while (uv_run(&loop, UV_RUN_NOWAIT) != 0) {
    }
    uv_loop_close(&loop);
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Turns until the condition holds; false when it never does.
  bool until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      uv_run(&loop, UV_RUN_NOWAIT);
      std::this_thread::yield();
    }
    return true;
  }

  uv_loop_t loop{};
};

// The client with two lanes.
struct Gateway {
  explicit Gateway(const std::string& url)
      : client(&loop.loop, options(url), log, [this](std::string r) { on_lost(r); }) {
    client.connect();
    for (Sink& sink : sinks) ports.push_back(&client.add_lane(sink));
    client.start();
  }

  static NatsOptions options(const std::string& url) {
    NatsOptions o;
    o.url = url;
    return o;
  }
  void on_lost(const std::string& reason) {
    const std::lock_guard lock(mutex);
    lost.push_back(reason);
  }
  std::vector<std::string> losses() const {
    const std::lock_guard lock(mutex);
    return lost;
  }
  void request(std::size_t lane, ServiceRequestId id, std::string_view subject, std::string_view payload) {
    ports[lane]->request(id, subject, payload);
    ports[lane]->flush();
  }
  // Subscriptions count from when the server knows them: it has read what was sent before a request that it answered.
  bool settle() {
    const std::size_t before = sinks[0].replies().size();
    request(0, 99, "nobody.serves.this", "");
    return loop.until([&] { return sinks[0].replies().size() > before; });
  }

  mutable std::mutex mutex;
  std::vector<std::string> lost;
  Quiet log;
  Loop loop;
  std::array<Sink, 2> sinks;
  NatsClient client;
  std::vector<ServicePort*> ports;
};

// A service with a connection of its own. It answers requests below "echo." with their payload.
class Service {
 public:
  explicit Service(const std::string& url) {
    require(natsConnection_ConnectTo(&connection_, url.c_str()));
    require(natsConnection_Subscribe(&echo_, connection_, "echo.>", answer, nullptr));
    require(natsConnection_Flush(connection_));
  }
  ~Service() {
    natsSubscription_Destroy(echo_);
    natsConnection_Destroy(connection_);
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void publish(const std::string& subject, const std::string& payload) {
    require(natsConnection_Publish(connection_, subject.c_str(), payload.data(), static_cast<int>(payload.size())));
  }
  void flush() { require(natsConnection_Flush(connection_)); }

 private:
  static void require(natsStatus status) {
    if (status != NATS_OK) throw std::runtime_error(natsStatus_GetText(status));
  }
  static void answer(natsConnection* connection, natsSubscription*, natsMsg* msg, void*) {
    natsConnection_Publish(connection, natsMsg_GetReply(msg), natsMsg_GetData(msg), natsMsg_GetDataLength(msg));
    natsMsg_Destroy(msg);
  }

  natsConnection* connection_ = nullptr;
  natsSubscription* echo_ = nullptr;
};

// A port on which something listens that is no NATS server.
class Stranger {
 public:
  Stranger() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof addr;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&addr), size) != 0 || ::listen(fd_, 8) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&addr), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    address_ = "127.0.0.1:" + std::to_string(ntohs(addr.sin_port));
  }
  ~Stranger() { close(); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  const std::string& address() const { return address_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  std::string address_;
};

// What connecting is refused with.
std::string connect_error(const std::string& url) {
  Quiet log;
  Loop loop;
  NatsOptions options = Gateway::options(url);
  options.connect_timeout_ms = 300;
  NatsClient client(&loop.loop, options, log, [](const std::string&) { FAIL("lost what was never there"); });
  std::string error;
  try {
    client.connect();
  } catch (const std::runtime_error& e) {
    error = e.what();
  }
  CHECK_THAT(log.text(), !Contains("secret"));
  return error;
}

}  // namespace

TEST_CASE("nats client: requests are answered in the lane that asked", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  const ServiceRequestId in_lane_1 = (std::uint64_t{1} << 56) | 0x123456789abcdeULL;
  const std::string bytes("a\0b\r\n\xff", 6);
  gateway.request(0, 7, "echo.first", bytes);
  gateway.request(1, in_lane_1, "echo.second", "");
  REQUIRE(
      gateway.loop.until([&] { return !gateway.sinks[0].replies().empty() && !gateway.sinks[1].replies().empty(); }));
  REQUIRE(gateway.sinks[0].replies().size() == 1);
  CHECK(gateway.sinks[0].replies()[0].id == 7);
  CHECK(gateway.sinks[0].replies()[0].payload == bytes);
  CHECK_FALSE(gateway.sinks[0].replies()[0].no_responders);
  CHECK(gateway.sinks[1].replies()[0].id == in_lane_1);
  CHECK(gateway.sinks[1].replies()[0].payload.empty());
  CHECK_FALSE(gateway.sinks[1].replies()[0].no_responders);
  CHECK(gateway.losses().empty());
}

TEST_CASE("nats client: a request that nobody serves is told so", "[nats_client]") {
  const NatsServer server;
  Gateway gateway(server.url());
  gateway.request(1, std::uint64_t{1} << 56 | 5, "nobody.serves.this", "{}");
  REQUIRE(gateway.loop.until([&] { return !gateway.sinks[1].replies().empty(); }));
  CHECK(gateway.sinks[1].replies()[0].no_responders);
  CHECK(gateway.sinks[1].replies()[0].id == (std::uint64_t{1} << 56 | 5));
}

TEST_CASE("nats client: a request above what the server takes fails, the others do not", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  CHECK(gateway.client.max_payload() == 1 << 20);
  gateway.ports[0]->request(1, "echo.large", std::string(gateway.client.max_payload() + 1, 'x'));
  gateway.ports[0]->request(2, "echo.small", "x");
  gateway.ports[0]->request(3, "echo.largest", std::string(gateway.client.max_payload(), 'x'));
  gateway.ports[0]->flush();
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].replies().size() == 3; }));
  for (const ServiceReply& r : gateway.sinks[0].replies()) CHECK(r.failure.empty() == (r.id != 1));
}

TEST_CASE("nats client: messages come in the order of the server, across subscriptions and replies", "[nats_client]") {
  constexpr int count = 3'000;
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  gateway.ports[0]->subscribe(11, "event.a.*");
  gateway.ports[0]->subscribe(12, "event.b.*");
  gateway.ports[0]->subscribe(13, "conn.c.*");
  REQUIRE(gateway.settle());
  std::vector<std::string> expected = gateway.sinks[0].order();
  const std::vector<std::pair<std::string, std::string>> targets{
      {"11", "event.a.change"}, {"12", "event.b.add"}, {"13", "conn.c.token"}, {"0", "system.reset"}};
  for (int i = 0; i < count; ++i) {
    const auto& [handle, subject] = targets[static_cast<std::size_t>(i * i % 7) % targets.size()];
    service.publish(subject, std::to_string(i));
    expected.push_back(handle + ' ' + subject + ' ' + std::to_string(i));
  }
  service.flush();
  REQUIRE(gateway.loop.until([&] { return gateway.sinks[0].order().size() >= expected.size(); }));
  CHECK(gateway.sinks[0].order() == expected);
}

TEST_CASE("nats client: system events come to all lanes, others to the one that subscribed", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  gateway.ports[0]->subscribe(1, "event.a.*");
  gateway.ports[1]->subscribe(1, "event.b.*");
  REQUIRE(gateway.settle());
  service.publish("event.a.x", "a");
  service.publish("event.b.x", "b");
  service.publish("system.reset", "{}");
  service.flush();
  const auto all_here = [&](const Sink& sink) { return sink.messages().size() == 2; };
  REQUIRE(gateway.loop.until([&] { return all_here(gateway.sinks[0]) && all_here(gateway.sinks[1]); }));
  for (std::size_t lane = 0; lane < 2; ++lane) {
    const std::vector<ServiceMessage> messages = gateway.sinks[lane].messages();
    CHECK(messages[0].payload == (lane == 0 ? "a" : "b"));
    CHECK(messages[0].handle == 1);
    CHECK(messages[1].subject == "system.reset");
    CHECK(messages[1].handle == 0);
  }
}

TEST_CASE("nats client: nothing comes on a subscription that has ended", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  gateway.ports[0]->subscribe(1, "event.a.*");
  gateway.ports[0]->subscribe(2, "event.b.*");
  REQUIRE(gateway.settle());
  gateway.ports[0]->unsubscribe(1);
  gateway.ports[0]->unsubscribe(1);
  gateway.ports[0]->unsubscribe(77);
  REQUIRE(gateway.settle());
  service.publish("event.a.x", "1");
  service.publish("event.b.x", "2");
  service.flush();
  REQUIRE(gateway.loop.until([&] { return !gateway.sinks[0].messages().empty(); }));
  CHECK(gateway.sinks[0].messages().size() == 1);
  CHECK(gateway.sinks[0].messages()[0].handle == 2);
}

TEST_CASE("nats client: a lane in another thread has what it sends sent", "[nats_client]") {
  constexpr std::uint64_t count = 500;
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  std::thread lane([&] {
    for (std::uint64_t i = 1; i <= count; ++i) {
      gateway.request(1, std::uint64_t{1} << 56 | i, "echo.x", std::to_string(i));
    }
  });
  CHECK(gateway.loop.until([&] { return gateway.sinks[1].replies().size() == count; }));
  lane.join();
  CHECK(gateway.sinks[0].replies().empty());
  const std::vector<ServiceReply> replies = gateway.sinks[1].replies();
  for (std::size_t i = 0; i < replies.size(); ++i) CHECK(replies[i].payload == std::to_string(i + 1));
}

TEST_CASE("nats client: a lost server is told once", "[nats_client]") {
  NatsServer server;
  {
    Gateway gateway(server.url());
    gateway.ports[0]->subscribe(1, "event.a.*");
    REQUIRE(gateway.settle());
    server.kill();
    REQUIRE(gateway.loop.until([&] { return !gateway.losses().empty(); }));
    // What is tried afterwards is told to nobody else.
    gateway.request(0, 1, "echo.x", "");
    gateway.ports[1]->subscribe(2, "event.b.*");
    gateway.ports[1]->flush();
    gateway.client.close();
    REQUIRE(gateway.losses().size() == 1);
    CHECK_THAT(gateway.losses()[0], Contains("lost NATS connection"));
  }
}

TEST_CASE("nats client: closing is no loss, and may be said twice", "[nats_client]") {
  const NatsServer server;
  Service service(server.url());
  Gateway gateway(server.url());
  gateway.ports[0]->subscribe(1, "event.a.*");
  REQUIRE(gateway.settle());
  for (int i = 0; i < 100; ++i) service.publish("event.a.x", "1");
  gateway.client.close();
  const std::size_t messages = gateway.sinks[0].messages().size();
  gateway.client.close();
  service.publish("event.a.x", "1");
  service.flush();
  CHECK(gateway.losses().empty());
  CHECK(gateway.sinks[0].messages().size() == messages);
}

TEST_CASE("nats client: a server that is not there is told by its URL, without credentials", "[nats_client]") {
  Stranger gone;
  gone.close();
  for (const std::string& user : {std::string(), std::string("ann:secret@"), std::string("secret@")}) {
    const std::string error = connect_error("nats://" + user + gone.address());
    CHECK_THAT(error, Contains(gone.address()) && Contains("cannot connect to NATS"));
    CHECK_THAT(error, !Contains("secret"));
  }
  const std::string error = connect_error("nats://ann:secret@" + gone.address() + ",nats://bob:secret@127.0.0.1:1");
  CHECK_THAT(error, Contains(gone.address()) && Contains("127.0.0.1:1") && !Contains("secret"));
}

TEST_CASE("nats client: a password may have an @ in it", "[nats_client]") {
  Stranger gone;
  gone.close();
  CHECK_THAT(connect_error("nats://ann:sec@secret@" + gone.address()), Contains(gone.address()) && !Contains("secret"));
}

TEST_CASE("nats client: a stranger at the port is told, too", "[nats_client]") {
  const Stranger stranger;
  CHECK_THAT(connect_error("nats://" + stranger.address()), Contains(stranger.address()));
}

TEST_CASE("nats client: no URL is an error", "[nats_client]") {
  CHECK_THAT(connect_error(","), Contains("cannot connect to NATS"));
}

TEST_CASE("nats client: credentials of the URL are used", "[nats_client]") {
  const NatsServer server({"--user", "ann", "--pass", "secret"});
  CHECK_THAT(connect_error("nats://ann:not-secret@" + server.address()),
             Contains(server.address()) && !Contains("not-secret"));
  CHECK_THAT(connect_error(server.url()), Contains(server.address()));
  Gateway gateway("nats://ann:secret@" + server.address());
  CHECK(gateway.settle());
  CHECK_THAT(gateway.log.text(), !Contains("secret"));
}

TEST_CASE("nats client: the next of several servers is taken", "[nats_client]") {
  const NatsServer server;
  Stranger gone;
  gone.close();
  Gateway gateway("nats://" + gone.address() + "," + server.url());
  CHECK(gateway.settle());
}
