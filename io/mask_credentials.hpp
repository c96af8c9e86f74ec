// URLs for the eyes of others. Pure; any thread.
#pragma once

#include <string>

namespace resflow {

// Credentials in URLs are not for logs and messages: `nats://***@host`, in each URL of the text.
std::string mask_credentials(std::string text);

}  // namespace resflow
