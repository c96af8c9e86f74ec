// Hides the credentials of URLs in texts for logs and error messages. Pure; any thread.
#pragma once

#include <string>

namespace resflow {

// Returns the text with the credentials of each URL replaced: `nats://***@host`. Everything from the scheme to the last
// @ before the next URL is replaced, since a password may contain an @. An @ without a scheme before it hides all text
// before it.
std::string mask_credentials(std::string text);

}  // namespace resflow
