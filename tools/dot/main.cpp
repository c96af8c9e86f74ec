// resflow-dot: prints the gateway's flow graph as Graphviz DOT: the nodes, which are processing steps, and the edges
// between them. With --live, the graph also shows how busy a running gateway is, as its metrics report it.
#include <unistd.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "graph/wiring_picture.hpp"
#include "io/fetch/http_fetch.hpp"
#include "nodes/protocol/ids.hpp"
#include "tools/dot/live_wiring.hpp"

namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

constexpr double kShortest = 0.1;  // the shortest time between two samples, in seconds
// The longest time between two samples, in seconds.
constexpr double kLongest = 3'600;

struct Options {
  int lanes = 1;
  std::string live;  // URL of a gateway's metrics; empty: draw the graph without load
  std::string ca_file;
  double seconds = 1;
  std::string output;  // file name; empty: standard output
  bool watch = false;
  bool help = false;
};

po::options_description describe(Options& o) {
  po::options_description d("Options");
  d.add_options()                                                                                          //
      ("lanes", po::value(&o.lanes)->value_name("COUNT"), "lanes to draw; without it one stands for all")  //
      ("live", po::value(&o.live)->value_name("URL"),
       "draw what a running gateway does: the URL of its metrics port, as http://127.0.0.1:8090")  //
      ("cacert", po::value(&o.ca_file)->value_name("FILE"), "authorities to trust with https")     //
      ("watch", po::value(&o.seconds)->implicit_value(1, "1")->value_name("SECONDS"),
       "draw it anew all the time; with --live")                                                       //
      ("output,o", po::value(&o.output)->value_name("FILE"), "replace this file instead of printing")  //
      ("help,h", po::bool_switch(&o.help), "show this message");
  return d;
}

std::string usage() {
  Options unused;
  std::ostringstream out;
  out << "Usage: resflow-dot [options]\n\n"
         "Prints the flow graph of the gateway as Graphviz DOT.\n\n"
      << describe(unused)
      << "\nExamples:\n"
         "  resflow-dot | dot -Tsvg > wiring.svg\n"
         "  resflow-dot --live http://127.0.0.1:8090 | dot -Tpng > now.png\n"
         "  resflow-dot --live http://127.0.0.1:8090 --watch 2 | dot -Tx11\n"
         "  resflow-dot --live http://127.0.0.1:8090 --watch -o now.dot &\n"
         "  xdot now.dot        (draws the file again whenever it has changed)\n"
         "\nWith --live each node shows its messages a second, its share of the time of its thread, and what waits "
         "for\n"
         "it, and each edge the messages a second that it carries; with --lanes these are of each lane, else of all\n"
         "together. Edges between lanes show none then.\n";
  return out.str();
}

// Turns `--watch 2` into `--watch=2`. The value of --watch is optional, and Boost accepts an optional value only after
// an equals sign.
std::vector<std::string> joined(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  for (std::size_t i = 0; i + 1 < args.size(); ++i) {
    if (args[i] != "--watch" || args[i + 1].starts_with('-')) continue;
    args[i] += '=' + args[i + 1];
    args.erase(args.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return args;
}

Options parse(int argc, char** argv) {
  Options o;
  po::variables_map values;
  po::store(po::command_line_parser(joined(argc, argv)).options(describe(o)).positional({}).run(), values);
  po::notify(values);
  o.watch = values.count("watch") > 0;
  if (o.lanes < 1 || o.lanes > static_cast<int>(resflow::kMaxLanes)) {
    throw po::error("invalid --lanes " + std::to_string(o.lanes) + ": must be a number from 1 to " +
                    std::to_string(resflow::kMaxLanes));
  }
  if (!std::isfinite(o.seconds) || o.seconds < kShortest || o.seconds > kLongest) {
    throw po::error("invalid --watch: must be a number of seconds from 0.1 to 3600");
  }
  if (o.live.empty() && values.count("live") > 0) throw po::error("invalid --live: must be a URL");
  if (o.live.empty() && o.watch) throw po::error("--watch is of no use without --live");
  return o;
}

// Writes the text to standard output, or to `file` if that is not empty. Writes a temporary file first and then renames
// it to `file`, so that nobody who reads `file` finds half of the text.
void put_out(const std::string& text, const std::string& file) {
  if (file.empty()) {
    std::cout << text << std::flush;
    if (!std::cout) throw std::runtime_error("cannot write to standard output");
    return;
  }
  const std::string temporary = file + '.' + std::to_string(getpid());
  std::ofstream out(temporary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + temporary);
  std::filesystem::rename(temporary, file);
}

// Returns the URL unchanged if it has a path. Otherwise returns it with the path /metrics.
std::string metrics_url(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos) return url + "/metrics";
  return path + 1 == url.size() ? url + "metrics" : url;
}

// One sample of the gateway's metrics, and when it was taken.
struct Look {
  Clock::time_point when;
  resflow::WiringSamples samples;
};

Look look(const Options& o) {
  const std::string url = metrics_url(o.live);
  const std::string text = resflow::http_fetch(url, {"text/plain", o.ca_file});
  try {
    return {Clock::now(), resflow::WiringSamples(text)};
  } catch (const std::exception& e) {
    throw std::runtime_error(url + ": " + e.what());
  }
}

std::string picture(const Options& o, const Look& before, const Look& now) {
  const double seconds = std::chrono::duration<double>(now.when - before.when).count();
  const auto lanes = static_cast<std::size_t>(o.lanes);
  if (lanes > now.samples.lanes()) {
    throw std::runtime_error("the gateway has no more than " + std::to_string(now.samples.lanes()) + " lanes");
  }
  const auto since = [&](const auto& what, std::size_t lane) {
    const auto of = lanes == 1 ? std::nullopt : std::optional(lane);
    return now.samples.since(before.samples, seconds, what, of);
  };
  return resflow::wiring_picture({lanes, since, since});
}

void draw_live(const Options& o) {
  Look before = look(o);
  do {
    std::this_thread::sleep_for(std::chrono::duration<double>(o.seconds));
    Look now = look(o);
    put_out(picture(o, before, now), o.output);
    before = std::move(now);
  } while (o.watch);
}

int run(int argc, char** argv) {
  const Options o = parse(argc, argv);
  if (o.help) {
    std::cout << usage();
  } else if (o.live.empty()) {
    put_out(resflow::wiring_picture({static_cast<std::size_t>(o.lanes), {}, {}}), o.output);
  } else {
    draw_live(o);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "resflow-dot: %s\n", e.what());
    return 2;
  }
}
