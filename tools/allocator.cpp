#include "tools/allocator.hpp"

#ifdef RESFLOW_MIMALLOC
#include <mimalloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#endif

namespace resflow {

#ifdef RESFLOW_MIMALLOC

namespace {

constexpr std::size_t kMiB = 1 << 20;
constexpr std::size_t kSegment = 32 * kMiB;  // size of mimalloc's memory units; they begin at multiples of it
// Size in bytes of the address range of huge pages that add_arena() gives to mimalloc. It costs little: a page of it
// gets physical memory only when it is first used. When the whole range is in use, mimalloc gets more memory from
// the system, in pages of normal size.
constexpr std::size_t kArena = 1024 * kMiB;

std::uintptr_t up_to_segment(std::uintptr_t address) {
  return (address + kSegment - 1) & ~(kSegment - 1);
}

// Asks the system for huge pages in the memory that mimalloc had allocated before main() began (one segment of kSegment
// bytes).
void advise_first_segment() {
  void* block = mi_malloc(1);
  const auto address = reinterpret_cast<std::uintptr_t>(block) & ~(kSegment - 1);
  madvise(reinterpret_cast<void*>(address), kSegment, MADV_HUGEPAGE);
  mi_free(block);
}

// Gives mimalloc an address range to allocate from, and asks for huge pages in it.
void add_arena() {
  constexpr std::size_t size = kArena + kSegment;
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  auto* arena = reinterpret_cast<void*>(up_to_segment(reinterpret_cast<std::uintptr_t>(mapped)));
  // The third and fourth arguments (is_committed, is_large) are false: if either were true, mimalloc would never return
  // the memory to the system.
  if (madvise(arena, kArena, MADV_HUGEPAGE) != 0 || !mi_manage_os_memory(arena, kArena, false, false, true, -1)) {
    munmap(mapped, size);
  }
}

}  // namespace

void use_huge_pages() {
  advise_first_segment();
  add_arena();
}

void say_when_memory_is_out() {
  mi_register_error(
      [](int error, void*) {
        if (error != ENOMEM) return;
        constexpr std::string_view text = "resflow: out of memory\n";
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
      },
      nullptr);
}

#else

void use_huge_pages() {}
void say_when_memory_is_out() {}

#endif

}  // namespace resflow
