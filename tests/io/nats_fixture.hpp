// Helpers for the tests of NatsClient: a real nats-server, the client with two lanes, and a service.
#pragma once

#include <fcntl.h>
#include <nats/nats.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "io/nats/nats_client.hpp"

namespace resflow::test {

// The text of a configuration file for the server.
struct NatsConfig {
  std::string text;
};

// A nats-server for one test: a child process on a free loopback port. It is ended by its process id.
class NatsServer {
 public:
  explicit NatsServer(const NatsConfig& config) : NatsServer(config, file_of(config)) {}
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
    if (!file_.empty()) ::unlink(file_.c_str());
  }
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "nats://" + address(); }
  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }

  // Makes the server read another configuration.
  void reload(const NatsConfig& config) const {
    std::ofstream(file_) << config.text;
    ::kill(pid_, SIGHUP);
    if (read_until("Reloaded server configuration").empty()) throw std::runtime_error("nats-server has ended");
  }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

 private:
  NatsServer(const NatsConfig&, const std::string& file) : NatsServer(std::vector<std::string>{"-c", file}) {
    file_ = file;
  }

  static std::string file_of(const NatsConfig& config) {
    std::string path = "/tmp/resflow-nats-XXXXXX";
    const int fd = ::mkstemp(path.data());
    if (fd < 0) throw std::runtime_error("no file");
    ::close(fd);
    std::ofstream(path) << config.text;
    return path;
  }

  void start(std::vector<std::string>& args) {
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the server must not outlive a test that crashes
      ::dup2(pipe[1], STDERR_FILENO);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(pipe[1]);
    output_ = pipe[0];
    if (pid_ < 0) throw std::runtime_error("no child process");
  }

  // Reads the output of the server until it contains the text, or until the server ends.
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
  std::string file_;  // path of its configuration file; empty if there is none
};

// Records what a lane would get. NatsClient calls it on the delivery thread of the library.
class Sink final : public ServiceSink {
 public:
  void reply(ServiceReply message) override {
    const std::lock_guard lock(mutex_);
    order_.push_back("reply " + std::to_string(message.id.value()) + ' ' + message.payload);
    replies_.push_back(std::move(message));
  }
  void message(ServiceMessage message) override {
    while (hold) std::this_thread::yield();
    const std::lock_guard lock(mutex_);
    order_.push_back(std::to_string(message.handle.value()) + ' ' + message.subject + ' ' + message.payload);
    messages_.push_back(std::move(message));
  }

  void notice(ServiceNotice notice) override {
    const std::lock_guard lock(mutex_);
    const auto* refused = std::get_if<SubscriptionRefused>(&notice);
    order_.push_back(refused != nullptr ? "refused " + std::to_string(refused->handle.value()) : "restored");
    notices_.push_back(notice);
  }
  void wake() override {}

  std::size_t restored() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(notices_.begin(), notices_.end(), [](const ServiceNotice& n) {
      return std::holds_alternative<ServicesRestored>(n);
    }));
  }
  std::vector<SubscriptionRefused> refused() const {
    const std::lock_guard lock(mutex_);
    std::vector<SubscriptionRefused> all;
    for (const ServiceNotice& n : notices_) {
      if (const auto* refused = std::get_if<SubscriptionRefused>(&n)) all.push_back(*refused);
    }
    return all;
  }
  std::vector<ServiceReply> replies() const {
    const std::lock_guard lock(mutex_);
    return replies_;
  }
  std::vector<ServiceMessage> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::atomic<bool> hold = false;  // while true, no message of a subscription is taken

  std::vector<std::string> order() const {
    const std::lock_guard lock(mutex_);
    return order_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<ServiceReply> replies_;
  std::vector<ServiceMessage> messages_;
  std::vector<ServiceNotice> notices_;
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

  // Runs the loop until the condition holds. Returns false if it does not hold within 30 seconds.
  bool until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      uv_run(&loop, UV_RUN_NOWAIT);
      std::this_thread::yield();
    }
    return true;
  }

  uv_loop_t loop{};
};

// The client with two lanes, as in a gateway.
struct Gateway {
  explicit Gateway(const std::string& url) : Gateway(options(url)) {}
  explicit Gateway(const NatsOptions& options)
      : client(&loop.loop, options, log, [this](std::string r) { on_lost(r); }) {
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
  // Waits until the server knows all subscriptions: it has read them before the request that is answered here.
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
  // `ca` is the authority to trust; if it is not empty, the connection uses TLS.
  explicit Service(const std::string& url, const std::string& ca = "") {
    natsOptions* options = nullptr;
    require(natsOptions_Create(&options));
    require(natsOptions_SetURL(options, url.c_str()));
    if (!ca.empty()) require(natsOptions_LoadCATrustedCertificates(options, ca.c_str()));
    const natsStatus connected = natsConnection_Connect(&connection_, options);
    natsOptions_Destroy(options);
    require(connected);
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

// A port on which a program listens that is not a NATS server.
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

// Returns the error message of a connection attempt. Checks that the log contains no password.
inline std::string connect_error(NatsOptions options) {
  Quiet log;
  Loop loop;
  options.connect_timeout_ms = 300;
  NatsClient client(&loop.loop, options, log, [](const std::string&) { FAIL("lost what was never there"); });
  std::string error;
  try {
    client.connect();
  } catch (const std::runtime_error& e) {
    error = e.what();
  }
  CHECK_THAT(log.text(), !Catch::Matchers::Contains("secret"));
  return error;
}
inline std::string connect_error(const std::string& url) {
  return connect_error(Gateway::options(url));
}

// Returns the options for both ways that messages can take: on the loop thread, and on the thread of the library.
inline NatsOptions either_way(const NatsServer& server) {
  NatsOptions options = Gateway::options(server.url());
  options.direct = GENERATE(true, false);
  return options;
}

}  // namespace resflow::test
