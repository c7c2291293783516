#include "runtime/base/slab.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using rouse::slab;

namespace {

struct counted {
    explicit counted(int given) : value(given) { ++alive; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --alive; }

    int value;
    static inline int alive = 0;
};

struct throwing {
    explicit throwing(bool throws) {
        if (throws) {
            throw std::runtime_error("made badly");
        }
    }
};

struct alignas(64) wide {
    char first = 'w';
};

}  // namespace

TEST_SUITE("runtime/slab") {
    TEST_CASE("objects are made, keep their addresses and values, and are destroyed once") {
        slab<counted> objects(1000, 8);
        std::vector<counted*> made;
        for (int i = 0; i < 100; ++i) {
            made.push_back(objects.make(i));
            REQUIRE(made.back() != nullptr);
        }
        CHECK(counted::alive == 100);
        CHECK(objects.size() == 100);
        CHECK(std::set<counted*>(made.begin(), made.end()).size() == 100);
        for (int i = 0; i < 100; ++i) {
            CHECK(made[static_cast<std::size_t>(i)]->value == i);
            objects.destroy(*made[static_cast<std::size_t>(i)]);
        }
        CHECK(counted::alive == 0);
        CHECK(objects.size() == 0);
    }

    TEST_CASE("memory is used again last in, first out") {
        slab<counted> objects(10);
        counted* first = objects.make(1);
        counted* second = objects.make(2);
        objects.destroy(*first);
        objects.destroy(*second);
        CHECK(objects.make(3) == second);
        CHECK(objects.make(4) == first);
        objects.destroy(*second);
        objects.destroy(*first);
    }

    TEST_CASE("at the bound there is none, until one is destroyed") {
        slab<counted> objects(3, 2);
        counted* first = objects.make(1);
        counted* second = objects.make(2);
        counted* third = objects.make(3);
        CHECK(objects.make(4) == nullptr);
        CHECK(counted::alive == 3);
        objects.destroy(*second);
        second = objects.make(5);
        REQUIRE(second != nullptr);
        CHECK(objects.make(6) == nullptr);
        objects.destroy(*first);
        objects.destroy(*second);
        objects.destroy(*third);
    }

    TEST_CASE("a constructor that throws leaves the slab as it was") {
        slab<throwing> objects(1);
        CHECK_THROWS_AS((void)objects.make(true), std::runtime_error);
        CHECK(objects.size() == 0);
        throwing* made = objects.make(false);
        REQUIRE(made != nullptr);
        CHECK(objects.make(false) == nullptr);
        objects.destroy(*made);
    }

    TEST_CASE("objects are aligned as their type asks") {
        slab<wide> objects(100, 3);
        std::vector<wide*> made;
        for (int i = 0; i < 10; ++i) {
            made.push_back(objects.make());
            CHECK(reinterpret_cast<std::uintptr_t>(made.back()) % 64 == 0);
        }
        for (wide* each : made) {
            objects.destroy(*each);
        }
    }
}
