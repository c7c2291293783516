#include "runtime/sync/cancellation.hpp"

namespace rouse::detail {

cancellation_state::cancellation_state(local_counted<cancellation_state> above) noexcept
    : parent(std::move(above)) {
    if (parent) {
        cancelled = parent->cancelled;
        if (!cancelled) {
            parent->children.push_back(*this);
        }
    }
}

cancellation_state::~cancellation_state() {
    if (is_linked()) {
        unlink();
    }
    // A long chain of last owners is let go link by link: destructors that call each other would
    // use up the stack.
    auto above = std::move(parent);
    while (above.owners() == 1) {
        above = std::exchange(above->parent, {});
    }
}

void cancellation_state::cancel() noexcept {
    if (std::exchange(cancelled, true)) {
        return;
    }
    // Breadth first over the tree below, without recursion and without memory: the list of what is
    // left to do is made of the children's own links. Nobody is woken before the walk is over.
    waiter_list<waiter> woken;
    woken.splice_back(waiting);
    intrusive_list<cancellation_state, cancellation_state> below;
    below.splice_back(children);
    while (cancellation_state* child = below.pop_front()) {
        child->cancelled = true;
        woken.splice_back(child->waiting);
        below.splice_back(child->children);
    }
    while (waiter* first = woken.pop_front()) {
        first->wake();
    }
}

}  // namespace rouse::detail
