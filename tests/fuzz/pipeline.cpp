// Fuzzes the whole pipeline: clients, services, the messaging system and time do what the input says, with texts from
// the input. The input is a script; README.md has its commands. What must hold:
//
// - A strict client (tests/simulation/client.hpp) gets nothing that it must not get, whatever services send.
// - Every text for a client is a JSON object in UTF-8.
// - When all have left, the gateway has nothing left.
#include <algorithm>
#include <string>
#include <vector>

#include "nodes/protocol/header_fields.hpp"
#include "nodes/protocol/utf8.hpp"
#include "tests/fuzz/cuts.hpp"
#include "tests/simulation/gateway.hpp"
#include "tests/simulation/plan.hpp"

namespace resflow::simulation {

namespace {

constexpr std::size_t kGateways = 8;
const std::vector<std::string> kRids{"t.a", "t.b", "t.c", "t.list", "t.q?n=1", "t.q?n=2", "t.q"};

// Returns the number that a character stands for: 0 for `zero`, 1 for the character after it, and so on.
std::size_t number_of(char c, char zero = '0') {
  return static_cast<unsigned char>(c - zero);
}

// The gateway number 0 has the default options. The others have small limits, as the simulator's plans choose them.
PipelineOptions options_of(std::size_t number) {
  PipelineOptions options = number == 0 ? PipelineOptions{} : make_plan(number).options;
  options.web.put_method = "set";
  if (number % 2 == 1) options.web.header_auth = HeaderAuth{read_rid("t.a"), "login"};
  if (number % 4 == 1) options.web.encoding = ApiEncoding::jsonflat;
  return options;
}

// Takes a text up to the first `end` out of `text`, together with `end`.
std::string_view take_until(std::string_view& text, char end) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

// One gateway with everything around it.
class Stage {
 public:
  explicit Stage(std::size_t number)
      : broker_(1, number % 3 == 2, number, faults_),
        gateway_(
            broker_, options_of(number), [](const std::string& what) { complain(what); }, faults_) {}

  void play(std::string_view script) {
    while (!script.empty()) {
      std::string_view line = take_until(script, '\n');
      const bool at_once = line.starts_with('&');  // the next command comes before the gateway has done anything
      if (at_once) line.remove_prefix(1);
      if (!line.empty())
        act(line[0], line.size() > 1 ? line[1] : '0', line.substr(std::min<std::size_t>(2, line.size())));
      if (!at_once) settle();
    }
    end();
  }

 private:
  static void complain(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    fuzz::demand(false);
  }

  // `who` chooses a client, a request or an amount.
  void act(char command, char who, std::string_view text) {
    switch (command) {
      case '+':
      case '*':
        return connect(who, command == '*');
      case '~':
        return advance(static_cast<Millis>(number_of(who) % 64) * 50);
      case '<':
      case '0':
        return reply(who, text, command == '0');
      case '.':
        return serve(who);
      case 'e':
        return publish("event.", text);
      case 'y':
        return publish("system.", text);
      case 'w':
        return browse(who, text);
      case 'l':
        return broker_.is_connected(0) ? broker_.lose(0) : broker_.restore(0);
      default:
        return act_as_client(command, who, text);
    }
  }

  void act_as_client(char command, char who, std::string_view text) {
    const std::vector<Client*> clients = gateway_.clients();
    if (clients.empty()) return;
    Client& client = *clients[number_of(who) % clients.size()];
    const std::string& rid = kRids[number_of(text.empty() ? 'a' : text[0], 'a') % kRids.size()];
    const bool mute = client.closed || client.paused || client.careless;  // sends no request that is checked
    switch (command) {
      case '-':
        return gateway_.disconnect(client);
      case 's':
        return mute ? void() : gateway_.send(client, client.ask_for(rid));
      case 'u':
        return mute ? void() : gateway_.send(client, client.unsubscribe(rid));
      case 'g':
        return mute ? void() : gateway_.send(client, client.get(rid));
      case 'c':
        return mute ? void() : gateway_.send(client, client.call(rid.substr(0, rid.find('?'))));
      case '>':
        if (client.careless && !client.closed && !client.paused && valid_utf8(text)) {
          gateway_.send(client, std::string(text));
        }
        return;
      case 'k':
        return publish("conn." + client.cid() + ".token", ' ' + std::string(text));
      case 'x':
        if (client.stalled) return gateway_.read_again(client);
        client.stalled = true;
        return;
      default:
        return;
    }
  }

  void connect(char who, bool careless) {
    constexpr std::size_t most = 4;
    if (gateway_.clients().size() >= most) return;
    const std::size_t number = number_of(who);
    Client& client = gateway_.connect(number % gateway_.lanes());
    client.careless = careless;
    constexpr unsigned versions = 4;
    if (!careless) gateway_.send(client, client.ask_version(number / 2 % versions));
  }

  // Replies to one of the requests that wait.
  void reply(char which, std::string_view text, bool no_responders) {
    std::vector<Asked>& asked = broker_.asked();
    if (asked.empty()) return;
    const auto at = asked.begin() + static_cast<std::ptrdiff_t>(number_of(which) % asked.size());
    broker_.reply(0, *at, no_responders ? std::string() : std::string(text), no_responders);
    if (no_responders || !text.starts_with("timeout:")) asked.erase(at);
  }

  // Replies to all requests that wait, as a good service does. `which` chooses the state of resources.
  void serve(char which) {
    static const std::vector<std::string> states{
        R"({"model":{"n":1,"r":{"rid":"t.b"}}})",
        R"({"collection":[1,{"rid":"t.a"},{"rid":"t.c"}]})",
        R"({"model":{"a":{"rid":"t.a"},"l":{"rid":"t.list"},"s":{"rid":"t.b","soft":true}}})",
        R"({"collection":["x",{"data":[1]}]})",
        R"({"model":{}})",
        R"({"collection":[{"rid":"t.q?n=1"}],"query":"n=1"})"};
    for (const Asked& a : std::exchange(broker_.asked(), {})) {
      const std::string& state = states[number_of(which) % states.size()];
      std::string result = "null";
      if (a.subject.starts_with("get.")) result = state;
      if (a.subject.starts_with("access.")) result = R"({"get":true,"call":"*"})";
      if (a.subject.starts_with("qs.")) result = R"({"events":[]})";
      broker_.reply(0, a, R"({"result":)" + result + "}");
    }
  }

  // `text`: the rest of the subject, a space, and the payload.
  void publish(const std::string& start, std::string_view text) {
    const std::string subject = start + std::string(take_until(text, ' '));
    broker_.publish(0, subject, std::string(text));
  }

  // `text`: the method, the request target and the body, with spaces in between. HTTP heads are checked before requests
  // come to the pipeline, so only a target without control characters comes.
  void browse(char who, std::string_view text) {
    const std::string_view method = take_until(text, ' ');
    const std::string target(take_until(text, ' '));
    const bool possible = std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (!possible || target.empty() || method.empty() || !std::all_of(method.begin(), method.end(), is_token_char))
      return;
    const std::size_t lane = number_of(who) % gateway_.lanes();
    gateway_.request(lane, target, {{}, nullptr, std::string(method), std::string(text)}, target);
  }

  void settle() {
    constexpr int enough = 10'000;
    for (int i = 0; broker_.deliver(0, 0) || gateway_.turn_all(now_); ++i) fuzz::demand(i < enough);
    for (const auto& [name, response] : gateway_.take_responses()) {
      fuzz::demand(response.status >= 200 && response.status < 600);
      for (const auto& [header, value] : response.headers) fuzz::demand(valid_header(header, value));
    }
    for (Client* client : gateway_.clients()) {
      if (client->closed) gateway_.disconnect(*client);
    }
  }

  void advance(Millis ms) {
    now_ += ms;
    gateway_.wake_all();
    settle();
  }

  // Everybody leaves, no request is answered, and time passes until nothing waits for it.
  void end() {
    broker_.restore(0);
    for (Client* client : gateway_.clients()) gateway_.disconnect(*client);
    for (const ConnId conn : gateway_.browsing()) gateway_.go_away(conn);
    settle();
    constexpr Millis longer_than_limits = 20'000;   // longer than any time limit of a gateway
    constexpr Millis more_than_a_day = 90'000'000;  // a service may extend the time limit of a request by a day
    constexpr int steps = 40;
    int step = 0;
    do {
      broker_.asked().clear();
      advance(step < steps / 2 ? longer_than_limits : more_than_a_day);
    } while (gateway_.waits_for_time() && ++step < steps);
    broker_.asked().clear();
    for (const std::string& what : gateway_.remains()) complain(what + " left when nobody is there any more");
  }

  FaultCounts faults_;
  Broker broker_;
  Gateway gateway_;
  Millis now_ = 1'000;
};

}  // namespace

void play(std::size_t gateway, std::string_view script) {
  Stage(gateway % kGateways).play(script);
}

}  // namespace resflow::simulation

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const resflow::fuzz::Input input(data, size);
  resflow::simulation::play(input.variant, input.text);
  return 0;
}
