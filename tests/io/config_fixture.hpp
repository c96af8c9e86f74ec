// Helpers for the tests of the configuration: command lines, files and environment variables of a single test, and for
// each option a value that is not its default.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "io/config/config.hpp"

namespace resflow::testing {

using Strings = std::vector<std::string>;

inline CommandLine parse(const Strings& args) {
  std::vector<const char*> argv{"resflow"};
  for (const std::string& arg : args) argv.push_back(arg.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

inline Config config_of(const Strings& args) {
  const CommandLine line = parse(args);
  CHECK(line.action == Action::run);
  return line.config;
}

// Returns the error message for these arguments, which must be one line. It is empty if they are accepted.
inline std::string complaint(const Strings& args) {
  try {
    parse(args);
  } catch (const ConfigError& e) {
    const std::string text = e.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  return {};
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "resflow_config_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& text) const {
    std::ofstream(path_ / "config.json") << text;
    return file("config.json");
  }

 private:
  std::filesystem::path path_;
};

inline std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

inline Config from_file(const std::string& text, Strings args = {}) {
  const Folder folder;
  args.insert(args.end(), {"--config", folder.write(text)});
  return config_of(args);
}

inline std::string file_complaint(const std::string& text) {
  const Folder folder;
  return complaint({"--config", folder.write(text)});
}

// Sets an environment variable as long as the object lives.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string name_;
};

struct OptionCase {
  std::string name;      // on the command line; empty if the option exists only in the file
  std::string letter;    // empty if there is none
  std::string property;  // name in the file
  std::string text;      // value on the command line and in the environment
  std::string json;      // the same value in the file
  std::function<bool(const Config&)> holds;
  Strings companions = {};  // options that are required together with it

  bool flag() const { return text == "true"; }
};

// Returns a case for every option that has a place in the configuration file.
const std::vector<OptionCase>& option_cases();

}  // namespace resflow::testing
