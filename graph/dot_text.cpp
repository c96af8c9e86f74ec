#include "graph/dot_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace resflow::dot {

namespace {

constexpr std::array<Colours, 4> kColours{
    {{"#eaf2fb", "#2b62a8"}, {"#eef6ea", "#3f7a2f"}, {"#fdf4e3", "#a8650a"}, {"#f4eefa", "#6d4596"}}};
// The colors for tours. A tour is an example path of messages, shown in the legend of the picture.
constexpr std::array<std::string_view, 2> kTours{"#8a2f6b", "#0f7480"};

using Rgb = std::array<double, 3>;
// The fill colors (red, green, blue) of nodes that use 0, 50 and 100 % of their thread's time.
constexpr std::array<Rgb, 3> kHeat{{{255, 255, 255}, {255, 214, 102}, {240, 97, 65}}};

// Returns the fill color of a node that uses this share of its thread's time: white for 0, yellow for 0.5, red for 1,
// and a mixture in between.
std::string heat(double share) {
  const double at = std::clamp(share, 0.0, 1.0) * (kHeat.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), kHeat.size() - 2);
  std::array<char, 8> text{};
  std::array<unsigned, 3> mixed{};
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    const double part = at - static_cast<double>(below);
    mixed[i] = static_cast<unsigned>(std::lround(kHeat[below][i] + part * (kHeat[below + 1][i] - kHeat[below][i])));
  }
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x", mixed[0] & 0xFF, mixed[1] & 0xFF, mixed[2] & 0xFF);
  return text.data();
}

std::string decimal(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

// Formats a rate, such as `3.2` or `1,234`: one decimal if it is below 10, else no decimals, and commas between the
// thousands.
std::string rate(double value) {
  if (value > 0 && value < 10) return decimal(value, 1);
  std::string text = decimal(value, 0);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

// Returns the width of an arrow in the picture: `least`, plus a part that grows with the logarithm of the messages per
// second.
std::string width(double messages, double least) {
  return decimal(least + std::log10(1 + messages), 2);
}

}  // namespace

const Colours& colours(std::size_t group) {
  return kColours[group % kColours.size()];
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string small(std::string_view text) {
  return "<br/><font point-size=\"9\">" + html(text) + "</font>";
}

std::string slug(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain) c = '-';
  }
  return out;
}

std::string chip(const Step& step, std::size_t tour) {
  return "<td bgcolor=\"" + std::string(kTours[tour % kTours.size()]) +
         "\" style=\"rounded\" cellpadding=\"1\"><font " + "color=\"#ffffff\" point-size=\"9\"><b>&nbsp;" +
         html(step.number) + "&nbsp;</b></font></td>";
}

std::string words(double messages) {
  return rate(messages) + "/s";
}

std::string look(double messages, bool bold) {
  return ", penwidth=" + width(messages, bold ? 2 : 1);
}

std::string words(const NodeLoad& load) {
  std::string out = words(load.messages) + ", " + decimal(100 * load.share, 1) + " % of the time, " +
                    decimal(load.waiting, 0) + (load.waiting == 1 ? " waits" : " wait");
  if (load.failures > 0) out += ", " + decimal(load.failures, 0) + " lost";
  return out;
}

std::string look(const NodeLoad& load) {
  return ", fillcolor=\"" + heat(load.share) + "\", penwidth=" + width(load.messages, 1);
}

}  // namespace resflow::dot
