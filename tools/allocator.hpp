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

// When the system has no more memory, mimalloc ends the process by SIGABRT, without a message. After this call, it
// first writes a message to standard error. Does nothing in a build without mimalloc. Call this in main() before other
// threads start.
void say_when_memory_is_out();

}  // namespace resflow
