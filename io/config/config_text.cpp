// Writes the configuration as text: for the file that the gateway makes when there is none, and for --checkconfig.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io/config/config_file.hpp"
#include "io/mask_credentials.hpp"

namespace resflow {

namespace {

namespace js = boost::json;

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Returns the mode (permission bits) of the file: 0664, or 0600 if the NATS URL contains credentials, so that only the
// owner can read them.
mode_t mode_for(const Config& config) {
  return mask_credentials(config.nats_url) == config.nats_url ? 0664 : 0600;
}

// Creates a file with this text. If there is already a file of this name, left by an interrupted start, removes that
// file first. Returns false if writing fails.
bool write_file(const std::string& path, std::string_view text, mode_t mode) {
  ::unlink(path.c_str());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return false;
  const bool written = write_all(file, text) && ::fsync(file) == 0;
  return ::close(file) == 0 && written;
}

}  // namespace

// Returns this configuration in the format of the configuration file. Port 0 in Config means that the system chooses a
// free port. The file cannot say this: there, 0 means port 80 or 443. So this function writes the default port, 8080,
// instead.
std::string config_text(const Config& config) {
  Config lasting = config;
  if (lasting.port == 0) lasting.port = Config().port;
  std::string text;
  for (const Option& option : config_options()) {
    if (option.property.empty()) continue;
    text.append(text.empty() ? "{\n\t\"" : ",\n\t\"").append(option.property).append("\": ");
    text += js::serialize(option.value.write(lasting));
  }
  return text + "\n}\n";
}

std::string write_config_file(const std::string& path, const Config& config) {
  const std::string draft = path + '.' + std::to_string(::getpid());
  if (write_file(draft, config_text(config), mode_for(config)) && ::rename(draft.c_str(), path.c_str()) == 0) return {};
  const std::string reason = std::strerror(errno);
  ::unlink(draft.c_str());
  return "Cannot write the configuration file " + path + ": " + reason;
}

std::string effective_config(const Config& config) {
  Config shown = config;
  shown.nats_url = mask_credentials(std::move(shown.nats_url));
  return config_text(shown);
}

}  // namespace resflow
