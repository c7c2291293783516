#include "runtime/task/waker.hpp"

namespace rouse {
namespace {

raw_waker noop_clone(void* /*data*/) noexcept {
    return noop_raw_waker();
}
void noop_ignore(void* /*data*/) noexcept {}

constexpr raw_waker_vtable noop_vtable{
    .clone = noop_clone, .wake = noop_ignore, .wake_by_ref = noop_ignore, .drop = noop_ignore};

}  // namespace

raw_waker noop_raw_waker() noexcept {
    return {.data = nullptr, .vtable = &noop_vtable};
}

}  // namespace rouse
