// Makes valid messages invalid, or only unusual: it changes bytes, drops, repeats or mixes pieces, and replaces values
// by other values. The same seed gives the same sequence of messages.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace resflow::testing {

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t n) { return engine_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

  // Returns one of the texts of `corpus`: sometimes unchanged, mostly changed, sometimes only random bytes instead.
  std::string of_kind(const std::vector<std::string>& corpus) {
    if (one_in(15)) return noise(below(60));
    std::string text = of(corpus);
    if (one_in(5)) return text;
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(text, corpus);
    return text;
  }

  std::string noise(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(engine_());
    return text;
  }

 private:
  void change(std::string& text, const std::vector<std::string>& corpus) {
    switch (below(10)) {
      case 0:
        return text.insert(below(text.size() + 1), one_in(2) ? noise(1 + below(4)) : byte()), void();
      case 1:
        if (!text.empty()) text[below(text.size())] = byte()[0];
        return;
      case 2: {
        const std::size_t at = below(text.size() + 1);
        return text.erase(at, below(8)), void();
      }
      case 3: {
        const std::size_t at = below(text.size() + 1);
        return text.insert(at, text.substr(at, below(12))), void();
      }
      case 4: {
        const std::string& other = of(corpus);
        text.resize(below(text.size() + 1));
        text += other.substr(below(other.size() + 1));
        return;
      }
      default:
        return replace_value(text);
    }
  }

  std::string byte() {
    static constexpr std::string_view bytes{"\0\n \"\\{}[],:.*>?-0e\x7f\x80\xc0\xed\xff", 24};
    return std::string(1, bytes[below(bytes.size())]);
  }

  // Replaces a string, number or word of the text by another value.
  void replace_value(std::string& text) {
    const auto values = values_in(text);
    if (values.empty()) return;
    const auto [start, size] = of(values);
    text.replace(start, size, value());
  }

  // Returns the start and the size of each value in the text.
  static std::vector<std::pair<std::size_t, std::size_t>> values_in(std::string_view text) {
    const auto in_word = [](char c) { return std::string_view("+-.").find(c) != std::string_view::npos || isalnum(c); };
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t start = i;
      if (text[i] == '"') {
        for (++i; i < text.size() && text[i] != '"'; ++i) {
          if (text[i] == '\\') ++i;
        }
        found.emplace_back(start, std::min(i + 1, text.size()) - start);
      } else if (in_word(text[i])) {
        while (i + 1 < text.size() && in_word(text[i + 1])) ++i;
        found.emplace_back(start, i + 1 - start);
      }
    }
    return found;
  }

  static bool isalnum(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

  std::string value() {
    static const std::vector<std::string> values{"null",
                                                 "true",
                                                 "0",
                                                 "-1",
                                                 "1",
                                                 "2",
                                                 "1.5",
                                                 "-0.0",
                                                 "1e999",
                                                 "4294967296",
                                                 "18446744073709551616",
                                                 "-9223372036854775809",
                                                 R"("")",
                                                 R"("a b")",
                                                 R"("\ud800")",
                                                 R"("\u0000")",
                                                 R"("\u00e9\ud83d\ude00")",
                                                 "\"\xc3\xa9\"",
                                                 "\"\xff\"",
                                                 R"("*")",
                                                 R"(">")",
                                                 R"("test.>")",
                                                 R"("test.a.")",
                                                 R"("test..a")",
                                                 R"("test.a")",
                                                 R"("test.list")",
                                                 R"("test.{cid}")",
                                                 R"("test.q?n=1")",
                                                 R"("?")",
                                                 R"("call")",
                                                 R"("unsubscribe")",
                                                 R"("reaccess")",
                                                 R"("delete")",
                                                 R"("change")",
                                                 R"({"rid":"test.b"})",
                                                 R"({"rid":"test.a","soft":true})",
                                                 R"({"rid":"test.q?n=2"})",
                                                 R"({"rid":""})",
                                                 R"({"rid":"test.b","data":1})",
                                                 R"({"data":{"x":[1]}})",
                                                 R"({"data":1})",
                                                 R"({"action":"delete"})",
                                                 R"({"action":"other"})",
                                                 R"({"code":"x","message":"y"})",
                                                 R"({"code":"system.notFound","message":"y","data":[1]})",
                                                 "[]",
                                                 "{}",
                                                 "[1,[2]]",
                                                 R"({"a":{"b":1}})"};
    switch (below(12)) {
      case 0:
        return '"' + std::string(1 + below(6'000), 'x') + '"';
      case 1: {
        const std::size_t depth = one_in(4) ? 10'001 : 1 + below(300);
        return std::string(depth, '[') + std::string(depth, ']');
      }
      default:
        return of(values);
    }
  }

  std::mt19937 engine_;
};

}  // namespace resflow::testing
