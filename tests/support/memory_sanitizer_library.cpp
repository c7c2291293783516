// Linked into test programs under MemorySanitizer only. libstdc++ is not instrumented: what it
// writes from its shared library looks uninitialised for ever. Most of it is templates, which are
// compiled here and seen. These are the other functions that the code under test uses; each passes
// the library's answer on, and says that these bytes, which the library has written, are known.

#include <dlfcn.h>
#include <sanitizer/msan_interface.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <exception>
#include <list>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

template <class Function>
Function next_named(const char* mangled) noexcept {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, mangled));
}

const char* known_text(const char* text) noexcept {
    __msan_unpoison_string(text);
    return text;
}

// As the library's own, which returns a string that it has written.
class errno_category final : public std::error_category {
   public:
    [[nodiscard]] const char* name() const noexcept override { return "generic"; }
    [[nodiscard]] std::string message(int value) const override {
        std::array<char, 128> text{};
        return ::strerror_r(value, text.data(), text.size());
    }
};

}  // namespace

// Exceptions of the library have constructors in the library.
extern "C" void* __cxa_allocate_exception(std::size_t size) noexcept {
    using function = void* (*)(std::size_t) noexcept;
    static const auto next = next_named<function>("__cxa_allocate_exception");
    void* const memory = next(size);
    __msan_unpoison(memory, size);
    return memory;
}

namespace std {

// These take the place of the library's functions of the same name, as the linker allows.
// NOLINTBEGIN(cert-dcl58-cpp,bugprone-std-namespace-modification)
exception_ptr current_exception() noexcept {
    using function = exception_ptr (*)() noexcept;
    static const auto next = next_named<function>("_ZSt17current_exceptionv");
    exception_ptr current = next();
    __msan_unpoison(&current, sizeof current);
    return current;
}

const char* runtime_error::what() const noexcept {
    using function = const char* (*)(const runtime_error*) noexcept;
    static const auto next = next_named<function>("_ZNKSt13runtime_error4whatEv");
    return known_text(next(this));
}

const char* logic_error::what() const noexcept {
    using function = const char* (*)(const logic_error*) noexcept;
    static const auto next = next_named<function>("_ZNKSt11logic_error4whatEv");
    return known_text(next(this));
}

// The one place where the links of a new node of a std::list are written.
void __detail::_List_node_base::_M_hook(_List_node_base* const position) noexcept {
    using function = void (*)(_List_node_base*, _List_node_base*) noexcept;
    static const auto next = next_named<function>("_ZNSt8__detail15_List_node_base7_M_hookEPS0_");
    next(this, position);
    __msan_unpoison(this, sizeof *this);
}

inline namespace _V2 {
const error_category& generic_category() noexcept {
    static const errno_category instance;
    return instance;
}
}  // namespace _V2
// NOLINTEND(cert-dcl58-cpp,bugprone-std-namespace-modification)

}  // namespace std
