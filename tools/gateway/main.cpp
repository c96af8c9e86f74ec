// resflow: the main program of the gateway. It reads the options, then runs the gateway, or prints the help, the
// version, the flow graph or the effective configuration.
#include <cstdio>
#include <exception>

#include "graph/wiring_picture.hpp"
#include "io/config/config.hpp"
#include "io/log.hpp"
#include "io/one_line.hpp"
#include "io/random_number.hpp"
#include "nodes/base/text_hash.hpp"
#include "tools/allocator.hpp"
#include "tools/gateway/gateway.hpp"

namespace {

int run(const resflow::Config& config) {
  resflow::use_huge_pages();
  resflow::say_when_memory_is_out();
  resflow::Log log(config.debug, config.trace, config.log_format);
  log.log(resflow::LogLevel::info, "Starting resflow version " RESFLOW_VERSION);
  for (const std::string& warning : config.warnings) log.log(resflow::LogLevel::error, warning);
  for (const std::string& note : config.notes) log.log(resflow::LogLevel::info, note);
  try {
    const std::string failure = resflow::Gateway(config, log).run();
    if (failure.empty()) return 0;
    log.log(resflow::LogLevel::error, "Server stopped with an error: " + failure);
  } catch (const std::exception& e) {
    log.log(resflow::LogLevel::error, std::string("Failed to start server: ") + e.what());
  }
  return 1;
}

int check(const resflow::Config& config) {
  for (const auto* list : {&config.warnings, &config.notes}) {
    for (const std::string& text : *list) std::fprintf(stderr, "%s\n", resflow::one_line(text).c_str());
  }
  std::printf("%s", resflow::effective_config(config).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    resflow::seed_text_hash(resflow::random_number());
    const resflow::CommandLine line = resflow::parse_command_line(argc, argv);
    switch (line.action) {
      case resflow::Action::help:
        std::printf("%s", resflow::usage().c_str());
        return 0;
      case resflow::Action::version:
        std::printf("resflow  v" RESFLOW_VERSION "\nprotocol v1.2.3\n");
        return 0;
      case resflow::Action::graph:
        std::printf("%s", resflow::wiring_picture().c_str());
        return 0;
      case resflow::Action::check_config:
        return check(line.config);
      case resflow::Action::run:
        return run(line.config);
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "resflow: %s\n", e.what());
  }
  return 1;
}
