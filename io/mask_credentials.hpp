// Hides the credentials of URLs in texts for logs and error messages. No I/O and no shared state; any thread may use
// it.
#pragma once

#include <string>

namespace resflow {

// Returns the text with the credentials of each URL replaced: `nats://user:password@host` becomes `nats://***@host`. A
// password may contain an @, so everything between `nats://` and the last @ before the next URL is replaced. If no
// scheme (such as `nats://`) stands before an @, all text before this @ is replaced.
std::string mask_credentials(std::string text);

}  // namespace resflow
