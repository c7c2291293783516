#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "tests/model/operation_order.hpp"
#include "tests/model/schedule_point.hpp"

namespace rouse::model {

/// Which schedules are run.
struct bound {
    /// How often a schedule may take a thread off that could go on; a switch away from one that
    /// sleeps or has ended is not counted. None: any number.
    std::optional<unsigned> preemptions;
    /// One schedule for each order of the operations that can tell it, instead of all. For any
    /// number of preemptions only.
    bool reduced = !preemptions.has_value();
    /// Counts the different orders.
    bool counts_orders = false;
};

/// What became of a world.
struct outcome {
    rl::test_result_e result;
    std::uint64_t schedules;  ///< That were run; unless all is well, the last one failed.
    std::uint64_t orders;     ///< Different ones, if they were to be counted.

    [[nodiscard]] bool holds() const noexcept { return result == rl::test_result_success; }
    [[nodiscard]] std::string reason() const { return rl::test_result_str(result); }
};

/// How the scheduler, which relacy makes itself, is told.
inline bound present_bound;
inline std::uint64_t present_orders = 0;

/// Relacy's depth-first search over the schedules. The reduction is by sleep sets (Godefroid,
/// "Partial-order methods", 1996): a thread whose next operation was tried first at some point
/// need not be run until somebody does something that the operation depends on.
template <rl::thread_id_t Threads>
class every_schedule
    : public rl::tree_search_scheduler<every_schedule<Threads>,
                                       rl::tree_search_scheduler_thread_info<Threads>, Threads> {
    using base = rl::tree_search_scheduler<every_schedule,
                                           rl::tree_search_scheduler_thread_info<Threads>, Threads>;
    static constexpr std::size_t threads = static_cast<std::size_t>(Threads);
    static_assert(threads <= threads_max);

   public:
    using base::base;

    rl::thread_id_t iteration_begin_impl() {
        this->stree_depth_ = 0;
        next_operations.fill({});
        preemptions_left_ = present_bound.preemptions.value_or(0);
        asleep_ = {};
        redundant_ = false;
        begins_ = true;
        order_.clear();
        // What a thread does before its first operation, nobody can tell: it need not be tried
        // before and after the others' beginnings.
        return 0;
    }

    bool iteration_end_impl() {
        if (present_bound.counts_orders && !redundant_) {
            orders_.insert(order_.hash());
            present_orders = orders_.size();
        }
        return base::iteration_end_impl();
    }

    rl::thread_id_t schedule_impl(rl::unpark_reason& reason, unsigned /*yield*/) {
        // Relacy would hold a thread that yields, or wakes up, back until the others have moved.
        // Here nobody spins, so that would only hide schedules.
        reason = rl::unpark_reason_normal;
        const rl::thread_id_t present = this->thread_->index_;
        const bool goes_on = this->thread_->state_ == rl::thread_state_running && !begins_;
        if (goes_on && present_bound.preemptions && preemptions_left_ == 0) {
            return run(present);
        }
        std::array<rl::thread_id_t, threads> choices{};
        unsigned count = 0;
        for (rl::thread_id_t i = 0; i < this->running_threads_count; ++i) {
            const rl::thread_id_t thread = this->running_threads[static_cast<std::size_t>(i)];
            if (next_of(thread).on == nullptr) {
                return run(thread);
            }
            if (!asleep_[index(thread)]) {
                choices[count++] = thread;
            }
        }
        if (count == 0) {
            redundant_ = true;
            return run(this->running_threads[0]);
        }
        const unsigned choice = rand_impl(count, rl::sched_type_sched);
        const rl::thread_id_t chosen = choices[choice];
        if (present_bound.reduced) {
            for (unsigned i = 0; i < choice; ++i) {
                asleep_[index(choices[i])] = true;
            }
            wake_dependent(chosen);
        }
        if (goes_on && chosen != present && present_bound.preemptions) {
            --preemptions_left_;
        }
        return run(chosen);
    }

    unsigned rand_impl(unsigned limit, rl::sched_type kind) {
        // Freed memory is kept aside, so that its later use is seen: no second run in which it is
        // used again.
        if (limit == 1 || redundant_ || kind == rl::sched_type_mem_realloc) {
            return 0;
        }
        const unsigned choice = base::rand_impl(limit, kind);
        if (present_bound.counts_orders && kind != rl::sched_type_sched) {
            order_.choose(index(this->thread_->index_), choice);
        }
        return choice;
    }

    double iteration_count_approx() { return 1; }

   private:
    static std::size_t index(rl::thread_id_t thread) { return static_cast<std::size_t>(thread); }
    static const operation& next_of(rl::thread_id_t thread) {
        return next_operations[index(thread)];
    }

    rl::thread_id_t run(rl::thread_id_t thread) {
        begins_ = next_of(thread).on == nullptr;
        if (present_bound.counts_orders && !begins_) {
            order_.add(index(thread), next_of(thread));
        }
        return thread;
    }

    void wake_dependent(rl::thread_id_t chosen) {
        const operation& done = next_of(chosen);
        for (std::size_t i = 0; i < asleep_.size(); ++i) {
            const operation& other = next_operations[i];
            asleep_[i] = asleep_[i] && (other.on != done.on || (!other.writes && !done.writes));
        }
    }

    unsigned preemptions_left_ = 0;
    std::array<bool, threads> asleep_{};
    bool redundant_ = false;  // Another schedule with the same order has been run.
    bool begins_ = false;     // The present thread only comes to its first operation.
    operation_order<threads> order_;
    typename rl::set<std::uint64_t>::type orders_;
};

/// What the threads of a schedule do. One is made for each schedule.
class world {
   public:
    world() = default;
    world(const world&) = delete;
    world& operator=(const world&) = delete;
    virtual ~world() = default;

    /// Before the threads start: all of it is seen by each of them.
    virtual void before() {}
    /// All that thread `index` does.
    virtual void thread(unsigned index) = 0;
    /// When all threads have ended.
    virtual void after() {}
};

using make_world = std::unique_ptr<world> (*)();

/// Of the present exploration; relacy makes its test suites itself.
inline make_world present_world = nullptr;

/// A world as relacy wants it.
template <rl::thread_id_t Threads>
class world_suite : public rl::test_suite<world_suite<Threads>, Threads> {
   public:
    void before() { world_->before(); }
    void thread(unsigned index) { world_->thread(index); }
    void after() { world_->after(); }

   private:
    std::unique_ptr<world> world_ = present_world();
};

/// Runs a world of so many threads in every schedule, and with every value that a relaxed load may
/// give, until one fails. Its history then goes to `report`, if there is one.
template <rl::thread_id_t Threads>
outcome explore(make_world make, bound within, std::ostream* report) {
    present_world = make;
    present_bound = within;
    present_orders = 0;
    std::ostream silence(nullptr);
    rl::test_params parameters;
    parameters.search_type = rl::sched_full;
    parameters.progress_stream = &silence;
    parameters.output_stream = report == nullptr ? &silence : report;

    using suite = world_suite<Threads>;
    using scheduler = every_schedule<Threads>;
    rl::ostringstream failed_schedule;
    const rl::test_result_e result =
        rl::run_test<suite, scheduler>(parameters, failed_schedule, false);
    const std::uint64_t schedules = parameters.stop_iteration;
    if (result != rl::test_result_success && report != nullptr) {
        parameters.initial_state = failed_schedule.str();
        parameters.collect_history = true;
        rl::ostringstream unused;
        rl::run_test<suite, scheduler>(parameters, unused, true);
    }
    return {.result = result, .schedules = schedules, .orders = present_orders};
}

}  // namespace rouse::model
