// What the tests of the configuration share: command lines, files and environments of a test's own, and for each option
// a value that is not its default.
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

// What is said of these; empty when they are accepted. Always one line.
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

// A variable of the environment, while it lives.
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
  std::string name;      // of the command line; empty: only in the file
  std::string letter;    // empty: none
  std::string property;  // of the file
  std::string text;      // its value on the command line and in the environment
  std::string json;      // the same in the file
  std::function<bool(const Config&)> holds;
  Strings companions = {};  // options that must be there as well

  bool flag() const { return text == "true"; }
};

// Every option that has a place in the configuration file.
const std::vector<OptionCase>& option_cases();

}  // namespace resflow::testing
