#pragma once

#include <cassert>
#include <cstddef>

namespace rouse {

/// The link that an element of an intrusive_list derives from. `Tag` lets one element be in several
/// lists. An element must be unlinked before it is destroyed, and must not move while it is linked.
template <class Tag>
class intrusive_link {
   public:
    intrusive_link() noexcept = default;
    intrusive_link(const intrusive_link&) = delete;
    intrusive_link& operator=(const intrusive_link&) = delete;
    ~intrusive_link() { assert(!is_linked()); }

    [[nodiscard]] bool is_linked() const noexcept { return next_ != nullptr; }

    /// Takes the element out of whichever list it is in. It must be in one.
    void unlink() noexcept {
        assert(is_linked());
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = nullptr;
        previous_ = nullptr;
    }

   private:
    template <class T, class ListTag>
    friend class intrusive_list;

    intrusive_link* previous_ = nullptr;
    intrusive_link* next_ = nullptr;
};

/// A circular doubly linked list that owns nothing and allocates nothing: every step is O(1).
template <class T, class Tag>
class intrusive_list {
    using link = intrusive_link<Tag>;

   public:
    intrusive_list() noexcept {
        head_.next_ = &head_;
        head_.previous_ = &head_;
    }
    intrusive_list(const intrusive_list&) = delete;
    intrusive_list& operator=(const intrusive_list&) = delete;
    ~intrusive_list() {
        assert(empty());
        head_.next_ = nullptr;
        head_.previous_ = nullptr;
    }

    [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }

    void push_back(T& element) noexcept { insert_before(head_, element); }
    void push_front(T& element) noexcept { insert_before(*head_.next_, element); }

    /// The list must not be empty.
    [[nodiscard]] T& front() noexcept {
        assert(!empty());
        return static_cast<T&>(*head_.next_);
    }

    /// Unlinks and returns the first element, or null when the list is empty.
    [[nodiscard]] T* pop_front() noexcept {
        if (empty()) {
            return nullptr;
        }
        T& element = front();
        static_cast<link&>(element).unlink();
        return &element;
    }

    /// Calls `visit(T&)` for each element, first to last. It may unlink the element that it is
    /// given, and no other.
    template <class Visit>
    void for_each(Visit visit) {
        for (link* at = head_.next_; at != &head_;) {
            link* const next = at->next_;
            visit(static_cast<T&>(*at));
            at = next;
        }
    }

    /// Moves all elements of `other` to the end of this list.
    void splice_back(intrusive_list& other) noexcept {
        if (other.empty()) {
            return;
        }
        link* first = other.head_.next_;
        link* last = other.head_.previous_;
        first->previous_ = head_.previous_;
        head_.previous_->next_ = first;
        last->next_ = &head_;
        head_.previous_ = last;
        other.head_.next_ = &other.head_;
        other.head_.previous_ = &other.head_;
    }

   private:
    static void insert_before(link& position, T& element) noexcept {
        link& added = element;
        assert(!added.is_linked());
        added.next_ = &position;
        added.previous_ = position.previous_;
        position.previous_->next_ = &added;
        position.previous_ = &added;
    }

    link head_;
};

}  // namespace rouse
