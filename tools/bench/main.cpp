// resflow-bench: the main program of the load tool. It runs one mode against a gateway and reports the figures, or
// compares two earlier reports. Everything runs on one thread.
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tools/bench/compare.hpp"
#include "tools/bench/options.hpp"
#include "tools/bench/plot.hpp"
#include "tools/bench/report.hpp"
#include "tools/bench/scenario.hpp"

namespace {

using namespace resflow::bench;

void write_file(const std::string& name, const std::string& text) {
  std::ofstream file(name);
  file << text;
  file.close();
  if (!file) throw RunError("cannot write " + name);
}

Report read_report(const std::string& name) {
  std::ifstream file(name);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw UsageError("cannot read " + name);
  try {
    return report_from_json(text.str());
  } catch (const UsageError& e) {
    throw UsageError(name + ": " + e.what());
  }
}

int run(const Options& options) {
  const Outcome outcome = run_mode(options);
  std::printf("%s", to_table(outcome.report).c_str());
  if (!options.json_file.empty()) {
    write_file(options.json_file, boost::json::serialize(to_json(outcome.report)) + '\n');
  }
  if (!options.plot_file.empty()) write_file(options.plot_file, to_svg(outcome.report));
  if (!outcome.failure.empty()) throw RunError(outcome.failure);
  return 0;
}

int act(int argc, char** argv) {
  const CommandLine line = parse_command_line(argc, argv);
  switch (line.action) {
    case Action::help:
      std::printf("%s", usage().c_str());
      return 0;
    case Action::version:
      std::printf("resflow-bench  v" RESFLOW_VERSION "\n");
      return 0;
    case Action::compare:
      std::printf("%s", compare(read_report(line.compared.first), read_report(line.compared.second)).c_str());
      return 0;
    case Action::run:
      return run(line.options);
  }
  return 0;
}

int complain(const std::exception& e, int code) {
  std::fflush(stdout);
  std::fprintf(stderr, "resflow-bench: %s\n", e.what());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return act(argc, argv);
  } catch (const UsageError& e) {
    return complain(e, 2);
  } catch (const std::exception& e) {
    return complain(e, 1);
  }
}
