#include <memory>

#include "nodes/protocol/json.hpp"
#include "nodes/protocol/utf8.hpp"
#include "nodes/protocol/websocket.hpp"
#include "tests/bench/cases.hpp"

namespace resflow::bench {

namespace {

// Returns a frame as a client sends it, that is, masked.
std::string client_frame(const std::string& payload) {
  constexpr char mask[] = {0x12, 0x5B, 0x77, 0x2E};
  std::string out;
  append_frame_header(out, Opcode::text, payload.size());
  out[1] = static_cast<char>(static_cast<unsigned char>(out[1]) | 0x80);
  out.append(mask, sizeof mask);
  for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

struct NoEvents final : WebSocketEvents {
  void on_message(std::string message, bool) override { keep(message.size()); }
  void on_ping(std::string_view) override {}
  void on_pong(std::string_view) override {}
  void on_close(std::uint16_t, std::string_view) override {}
  void on_error(std::uint16_t, std::string_view) override {}
};

Step decode_frames(const std::string& bytes) {
  return [bytes, decoder = std::make_shared<WebSocketDecoder>(1 << 20)] {
    NoEvents events;
    decoder->feed(bytes, events);
  };
}

Step pass_value(std::string text) {
  return [text = std::move(text)] {
    json::Cursor in(text);
    keep(in.value().size());
  };
}

Step read_members(std::string text) {
  return [text = std::move(text)] {
    json::Cursor in(text);
    std::size_t size = 0;
    in.members([&](std::string_view key) { size += key.size() + in.value().size(); });
    keep(size);
  };
}

Step append_strings() {
  return
      [out = std::string(), plain = std::string("library.book.42"), odd = std::string("a \"quoted\" word")]() mutable {
        out.clear();
        json::append_string(out, plain);
        json::append_string(out, odd);
        keep(out.size());
      };
}

Step check_utf8() {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text +=
        "plain text, gr\xC3\xBC\xC3\x9F"
        "e, \xE2\x82\xAC \xF0\x9F\x93\x9A ";
  return [text] { keep(valid_utf8(text)); };
}

}  // namespace

std::vector<Case> text_cases() {
  const std::string request = R"({"id":17,"method":"subscribe.library.book.42","params":null})";
  return {
      {"json/pass_value_10", 2'000, [] { return pass_value(model_text(10)); }},
      {"json/pass_value_1000", 50, [] { return pass_value(model_text(1'000)); }},
      {"json/members_10", 2'000, [] { return read_members(model_text(10)); }},
      {"json/append_strings", 2'000, append_strings},
      {"utf8/mixed_1500", 500, check_utf8},
      {"websocket/decode_request", 5'000, [=] { return decode_frames(client_frame(request)); }},
      {"websocket/decode_64k", 10, [] { return decode_frames(client_frame(std::string(65'536, 'x'))); }},
      {"websocket/frame_event", 5'000,
       [] { return [text = std::string(90, 'x')] { keep(frame(Opcode::text, text).size()); }; }},
  };
}

}  // namespace resflow::bench
