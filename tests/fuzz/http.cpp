// Fuzzes HTTP requests that follow each other on one connection: heads, bodies, the decision about an upgrade, the
// client's address. The result must not depend on how the bytes are cut.
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "io/web/forwarded.hpp"
#include "io/web/http_body.hpp"
#include "io/web/http_head.hpp"
#include "io/web/proxy_header.hpp"
#include "io/web/upgrade.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace resflow;

namespace {

constexpr std::size_t kMaxBody = 2'048;

// Reads requests as the web server does, and writes down what it has understood, as lines of text.
class Reader {
 public:
  void feed(std::string_view bytes) {
    waiting_.append(bytes);
    while (!done_ && step()) {
    }
  }
  std::vector<std::string> lines;

 private:
  // Reads the next head, or a part of a body. Returns false if more bytes are needed or reading has ended.
  bool step() {
    if (body_) return read_body();
    const HttpHeadResult result = parse_http_head(waiting_, seen_);
    seen_ = waiting_.size();
    if (std::holds_alternative<NeedMoreBytes>(result)) return false;
    if (const auto* bad = std::get_if<BadRequestHead>(&result)) return end("bad " + std::to_string(bad->status));
    on_head(std::get<HttpRequestHead>(result));
    return true;
  }

  void on_head(const HttpRequestHead& head) {
    fuzz::demand(head.size > 0 && head.size <= waiting_.size() && head.size <= kMaxHttpHead);
    lines.push_back(head.method + ' ' + head.target + ' ' + std::string(head.host()) + ' ' +
                    std::to_string(check_upgrade(head, "/", {"https://a.example"}).index()));
    const IpAddress peer = *IpAddress::read("10.0.0.1");
    client_address(head, peer, {*IpNetwork::read("10.0.0.0/8")});
    const std::string text = waiting_.substr(0, head.size);
    waiting_.erase(0, head.size);
    seen_ = 0;
    if (head.has_body())
      body_ = std::make_unique<HttpBodyReader>(text.substr(text.find_first_not_of("\r\n")), kMaxBody);
  }

  bool read_body() {
    const std::size_t taken = body_->feed(waiting_);
    fuzz::demand(taken <= waiting_.size());
    waiting_.erase(0, taken);
    switch (body_->state()) {
      case HttpBodyReader::State::more:
        return false;
      case HttpBodyReader::State::done:
        fuzz::demand(body_->body().size() <= kMaxBody);
        lines.push_back("body " + body_->body());
        body_ = nullptr;
        return true;
      case HttpBodyReader::State::malformed:
        return end("malformed");
      case HttpBodyReader::State::too_large:
        return end("too large");
    }
    return false;
  }

  bool end(std::string line) {
    lines.push_back(std::move(line));
    done_ = true;
    return false;
  }

  std::string waiting_;
  std::size_t seen_ = 0;
  std::unique_ptr<HttpBodyReader> body_;
  bool done_ = false;
};

std::vector<std::string> read(std::string_view bytes, std::uint32_t cuts) {
  Reader reader;
  for (fuzz::Cuts pieces(bytes, cuts); !pieces.done();) reader.feed(pieces.next());
  return reader.lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  fuzz::demand(read(input.text, input.seed) == read(input.text, input.seed + 1u));
  const ProxyHeaderResult header = parse_proxy_header(input.text);
  if (const auto* found = std::get_if<ProxyHeader>(&header)) fuzz::demand(found->size <= input.text.size());
  return 0;
}
