// Makes the memory allocator mimalloc use huge pages, if the system grants them on request ("madvise" or "always" in
// /sys/kernel/mm/transparent_hugepage/enabled). main() calls these functions.
//
// The reason: a burst, such as many clients that reconnect at the same time, touches tens of megabytes of memory that
// were not in use before. On a virtual machine the page faults for pages of 4 KiB then cost more than all other work of
// the burst. mimalloc's own option for large pages is not used, because with that option mimalloc never returns unused
// memory to the system.
#pragma once

namespace resflow {

// Call this in main() before other threads start. It does nothing if the system refuses the memory, or in a build
// without mimalloc.
void use_huge_pages();

// Makes mimalloc write a message to standard error when the system refuses memory. After the message, mimalloc ends the
// process by SIGABRT. Without this call, it ends the process without a message. Call this in main() before other
// threads start. In a build without mimalloc, it does nothing.
void say_when_memory_is_out();

}  // namespace resflow
