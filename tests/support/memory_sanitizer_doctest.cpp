// Linked into doctest programs under MemorySanitizer only. doctest writes its reports with the
// streams of libstdc++, which are not instrumented, and the functions of the C library that they
// call would be checked. So these checks are off but while a test case runs; those of instrumented
// code are always on.

#include <sanitizer/msan_interface.h>

#include <doctest/doctest.h>

namespace {

class library_checks final : public doctest::IReporter {
   public:
    explicit library_checks(const doctest::ContextOptions& /*options*/) {}

    static void turn_off() noexcept {
        if (are_on_) {
            are_on_ = false;
            __msan_scoped_disable_interceptor_checks();
        }
    }

    void test_case_start(const doctest::TestCaseData& /*about*/) override { turn_on(); }
    void test_case_reenter(const doctest::TestCaseData& /*about*/) override { turn_on(); }
    void test_case_end(const doctest::CurrentTestCaseStats& /*about*/) override { turn_off(); }
    void test_case_exception(const doctest::TestCaseException& /*about*/) override { turn_off(); }
    // What has failed is told now; the test has failed, whatever comes after.
    void log_assert(const doctest::AssertData& about) override {
        if (about.m_failed) {
            turn_off();
        }
    }
    void log_message(const doctest::MessageData& /*about*/) override { turn_off(); }

    void report_query(const doctest::QueryData& /*about*/) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats& /*about*/) override {}
    void subcase_start(const doctest::SubcaseSignature& /*about*/) override {}
    void subcase_end() override {}
    void test_case_skipped(const doctest::TestCaseData& /*about*/) override {}

   private:
    static void turn_on() noexcept {
        if (!are_on_) {
            are_on_ = true;
            __msan_scoped_enable_interceptor_checks();
        }
    }

    static inline bool are_on_ = true;
};

// Before main, which reads its arguments with streams too.
[[gnu::constructor]] void begin_without_library_checks() {
    library_checks::turn_off();
}

REGISTER_LISTENER("library_checks", 0, library_checks);

}  // namespace
