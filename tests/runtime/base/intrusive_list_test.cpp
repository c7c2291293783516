#include "runtime/base/intrusive_list.hpp"

#include <array>
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/child_process.hpp"

namespace {

struct by_name;
struct by_age;

struct element : rouse::intrusive_link<by_name>, rouse::intrusive_link<by_age> {
    explicit element(char given) noexcept : name(given) {}
    char name;
};

using name_list = rouse::intrusive_list<element, by_name>;
using age_list = rouse::intrusive_list<element, by_age>;

template <class List>
std::string names(List& list) {
    std::string all;
    list.for_each([&](element& each) { all += each.name; });
    return all;
}

template <class List>
void clear(List& list) {
    while (list.pop_front() != nullptr) {
    }
}

struct abc {
    element a{'a'};
    element b{'b'};
    element c{'c'};
};

}  // namespace

TEST_SUITE("runtime/intrusive_list") {
    TEST_CASE("elements come out in the order in which they went in") {
        abc of;
        name_list list;
        CHECK(list.empty());
        CHECK(list.pop_front() == nullptr);
        list.push_back(of.a);
        list.push_back(of.b);
        list.push_front(of.c);
        CHECK(&list.front() == &of.c);
        CHECK(names(list) == "cab");
        CHECK(list.pop_front() == &of.c);
        CHECK(list.pop_front() == &of.a);
        CHECK(list.pop_front() == &of.b);
        CHECK(list.empty());
    }

    TEST_CASE("an element unlinks itself from anywhere, and can be linked again") {
        abc of;
        name_list list;
        using link = rouse::intrusive_link<by_name>;
        for (element* taken : {&of.a, &of.b, &of.c}) {
            list.push_back(of.a);
            list.push_back(of.b);
            list.push_back(of.c);
            CHECK(taken->link::is_linked());
            taken->link::unlink();
            CHECK_FALSE(taken->link::is_linked());
            std::string rest = "abc";
            rest.erase(rest.find(taken->name), 1);
            CHECK(names(list) == rest);
            clear(list);
        }
    }

    TEST_CASE("one element is in two lists at once") {
        abc of;
        name_list first;
        age_list second;
        first.push_back(of.a);
        second.push_back(of.b);
        second.push_back(of.a);
        CHECK(names(first) == "a");
        CHECK(names(second) == "ba");
        clear(first);
        CHECK(names(second) == "ba");
        clear(second);
    }

    TEST_CASE("the one that is visited may be unlinked, or moved to another list") {
        abc of;
        name_list list;
        name_list other;
        list.push_back(of.a);
        list.push_back(of.b);
        list.push_back(of.c);
        list.for_each([&](element& each) {
            if (each.name != 'b') {
                static_cast<rouse::intrusive_link<by_name>&>(each).unlink();
                other.push_back(each);
            }
        });
        CHECK(names(list) == "b");
        CHECK(names(other) == "ac");
        clear(list);
        clear(other);
    }

    TEST_CASE("splicing moves all to the end, and nothing from an empty list") {
        abc of;
        name_list list;
        name_list other;
        list.splice_back(other);
        CHECK(list.empty());
        list.push_back(of.a);
        list.splice_back(other);
        CHECK(names(list) == "a");
        other.push_back(of.b);
        other.push_back(of.c);
        list.splice_back(other);
        CHECK(names(list) == "abc");
        CHECK(other.empty());
        other.splice_back(list);
        CHECK(names(other) == "abc");
        clear(other);
    }

#ifndef NDEBUG
    TEST_CASE("an element that dies while it is linked is caught in debug builds") {
        CHECK(rouse::test::run_in_child([](int) {
                  name_list list;
                  {
                      element lost('l');
                      list.push_back(lost);
                  }
                  return 0;
              }).signal == SIGABRT);
    }
#endif
}
