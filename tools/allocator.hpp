// Functions that set up the memory allocator mimalloc; main() calls them first. mimalloc uses huge pages of memory if
// the system allows it ("madvise" or "always" in /sys/kernel/mm/transparent_hugepage/enabled).
//
// The reason for huge pages: when many clients reconnect at the same time, tens of megabytes of memory come into use.
// With pages of 4 KiB on a virtual machine, the page faults then cost more than all other work. mimalloc's own option
// for large pages is not used, because with it mimalloc never returns unused memory to the system.
#pragma once

namespace resflow {

// Makes mimalloc use huge pages. Does nothing if the system refuses them, or in a build without mimalloc. Call this in
// main() before other threads start.
void use_huge_pages();

// Makes mimalloc write a message to standard error when it gets no more memory from the system, before it ends the
// process by SIGABRT. Without this call, the process ends without a message. Does nothing in a build without mimalloc.
// Call this in main() before other threads start.
void say_when_memory_is_out();

}  // namespace resflow
