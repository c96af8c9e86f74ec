// Fuzzes the frames of a client, with and without compression: from the bytes of the socket to the requests that parse
// makes of them. The result must not depend on how the bytes are cut.
#include <string>
#include <utility>
#include <vector>

#include "io/web/deflate.hpp"
#include "nodes/parse/parse.hpp"
#include "nodes/protocol/utf8.hpp"
#include "nodes/protocol/websocket.hpp"
#include "tests/fuzz/cuts.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

constexpr std::size_t kMaxMessage = 4'096;

// Writes down what the decoder reports, as lines of text.
class Said final : public WebSocketEvents {
 public:
  void on_message(std::string message, bool binary) override {
    fuzz::demand(message.size() <= kMaxMessage);
    if (!binary) fuzz::demand(valid_utf8(message));
    messages.push_back(message);
    lines.push_back((binary ? "binary " : "text ") + std::move(message));
  }
  void on_compressed(std::string payload, bool binary) override {
    std::string message;
    const auto result = inflater_.expand(payload, kMaxMessage, message);
    fuzz::demand(message.size() <= kMaxMessage || result == Inflater::Result::too_large);
    lines.push_back((binary ? "binary " : "compressed ") + std::to_string(static_cast<int>(result)) + message);
    if (result == Inflater::Result::done && valid_utf8(message)) messages.push_back(std::move(message));
  }
  void on_ping(std::string_view payload) override { lines.push_back("ping " + std::string(payload)); }
  void on_pong(std::string_view payload) override { lines.push_back("pong " + std::string(payload)); }
  void on_close(std::uint16_t code, std::string_view reason) override {
    lines.push_back("close " + std::to_string(code) + std::string(reason));
  }
  void on_error(std::uint16_t code, std::string_view text) override {
    lines.push_back("error " + std::to_string(code) + std::string(text));
  }

  std::vector<std::string> lines;
  std::vector<std::string> messages;

 private:
  Inflater inflater_;
};

void decode(std::string_view bytes, bool compressed, std::uint32_t cuts, Said& said) {
  WebSocketDecoder decoder(kMaxMessage, compressed);
  for (fuzz::Cuts pieces(bytes, cuts); !pieces.done();) decoder.feed(pieces.next(), said);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const bool compressed = input.variant % 2 == 1;
  Said said;
  Said again;
  decode(input.text, compressed, input.seed, said);
  decode(input.text, compressed, input.seed + 1u, again);
  fuzz::demand(said.lines == again.lines);

  testing::FakeLog log;
  Parse parse(WebOptions(), log);
  ParseOut out;
  parse.process(Connected{ConnId{1, 1, 0}, nullptr}, out);
  for (const std::string& message : said.messages) parse.process(ClientText{ConnId{1, 1, 0}, message}, out);
  // Parses the text without a frame as well, because a fuzzer seldom finds a valid frame around a valid request.
  if (valid_utf8(input.text)) parse.process(ClientText{ConnId{1, 1, 0}, std::string(input.text)}, out);
  return 0;
}
